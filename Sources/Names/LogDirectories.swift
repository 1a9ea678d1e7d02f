package import Linux
internal import Synchronization

/// Watches and lists the kubelet's log directories where that may wait, and keeps what it found until it is taken.
package final class LogDirectories: Sendable {
    /// Does work in order, now or later.
    package typealias Runner = @Sendable (@escaping @Sendable () -> Void) -> Void
    /// Reads a directory.
    package typealias Lister = @Sendable (String) throws(HostError) -> [DirectoryEntry]

    enum Place: Sendable {
        case pods, links
        /// The directory of the pod with this uid.
        case pod(String)
    }

    enum Finding: Sendable {
        /// It is watched, and what it holds.
        case listed(Place, watch: Int32, entries: [String])
        /// The directory of a pod that cannot be listed at present.
        case unlisted(uid: String, name: String)
        /// The end of ``look(links:pods:_:)``; nil where all of it worked.
        case ended(HostError?)
    }

    private let root: String
    private let run: Runner
    private let list: Lister
    private let state = Mutex((findings: [Finding](), looks: 0))

    init(root: String, run: @escaping Runner, list: @escaping Lister) {
        self.root = root
        self.run = run
        self.list = list
    }

    /// True until everything that was asked for is answered and taken.
    var isLooking: Bool { state.withLock { $0.looks > 0 || !$0.findings.isEmpty } }

    func takeFindings() -> [Finding] {
        state.withLock { state in
            defer { state.findings = [] }
            return state.findings
        }
    }

    /// Looks at the directories of all pods and all links.
    func look(links: Bool, pods: Bool, _ inotify: Inotify) {
        begin { [self] in
            do throws(HostError) {
                if links, isDirectory(root + "/containers") { try watch("containers", .links, inotify) { _ in true } }
                if pods { try watch("pods", .pods, inotify) { _ in true } }
                add(.ended(nil))
            } catch {
                add(.ended(error))
            }
        }
    }

    /// Looks at the directory of one pod, which has one directory per container.
    func look(atPod uid: String, _ name: String, _ inotify: Inotify) {
        begin { [self] in
            do throws(HostError) {
                try watch("pods/" + name, .pod(uid), inotify, \.isDirectory)
            } catch {
                // A directory that is gone has no names.
                if error.code != .missing { add(.unlisted(uid: uid, name: name)) }
            }
        }
    }

    /// Watches first, then lists: what is created in between is seen twice, not missed.
    private func watch(
        _ name: String, _ place: Place, _ inotify: Inotify, _ isOfUse: (DirectoryEntry) -> Bool
    ) throws(HostError) {
        let watch = try inotify.watch("\(root)/\(name)")
        add(.listed(place, watch: watch, entries: try list("\(root)/\(name)").filter(isOfUse).map(\.name)))
    }

    private func begin(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.looks += 1 }
        run { [self] in
            work()
            state.withLock { $0.looks -= 1 }
        }
    }

    private func add(_ finding: Finding) {
        state.withLock { $0.findings.append(finding) }
    }
}

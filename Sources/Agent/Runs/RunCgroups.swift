internal import Hummingbird
internal import Linux
internal import Synchronization

/// Makes cgroups for the commands that `energyctl run` measures, at the request of local users, and removes them when
/// nothing runs in them any more.
///
/// Such a cgroup is made below the one that the process is in already, so the limits of that still hold, and it belongs to
/// the agent: all that a user gets by it is that the energy of a process of their own is shown apart. The process is moved
/// by number. It must be a child of the client, who alone could have its number given to another, and run as the client's
/// user; that is looked at before and after.
final class RunCgroups: Sendable {
    /// At once.
    static let limit = 128
    static let limitOfUser = 16
    /// Ticks for which an empty one is kept, so that one of them covers its end and a reader can see that.
    static let emptyTicks = 3

    typealias Work = @Sendable (@escaping @Sendable () -> Void) -> Void

    private struct Entry {
        let cgroup: RunCgroup
        let user: UInt32
        var emptyTicks = 0
    }

    private struct State {
        var entries: [Entry] = []
        var number = 0
    }

    private let paths: HostPaths
    private let state = Mutex(State())
    private let work: Work

    /// - Parameter work: where the file system is used, one piece after the other: moving a process waits for the kernel.
    init(paths: HostPaths, work: @escaping Work) {
        (self.paths, self.work) = (paths, work)
    }

    /// Those that there are.
    var count: Int { state.withLock(\.entries.count) }

    /// Puts a process into a cgroup of its own. Throws a ``Problem`` that says why it does not.
    func make(for process: Int32, of peer: PeerCredentials) async throws -> RunCgroup {
        try await withCheckedThrowingContinuation { continuation in
            work { [self] in
                continuation.resume(with: Result { () throws(Problem) in try makeNow(process, peer) })
            }
        }
    }

    /// Removes those in which nothing has run for some ticks. To be called once per tick.
    func tidy() {
        guard count > 0 else { return }
        work { [self] in
            var entries = state.withLock(\.entries)
            for index in entries.indices {
                let isEmpty = entries[index].cgroup.processes().isEmpty
                entries[index].emptyTicks = isEmpty ? entries[index].emptyTicks + 1 : 0
            }
            entries.removeAll { $0.emptyTicks > Self.emptyTicks && Self.remove($0.cgroup) }
            state.withLock { [entries] in $0.entries = entries }
        }
    }

    /// Takes over those that an earlier run of the agent left.
    func adopt() {
        work { [self] in
            var found: [Entry] = []
            for tree in CgroupTree.all(paths) {
                _ = try? tree.startWalk().step(.max) { node in
                    guard let cgroup = RunCgroup(ownAt: CgroupPlace(tree: tree, path: node.path)),
                        let user = Self.user(ofName: cgroup.name)
                    else { return }
                    found.append(Entry(cgroup: cgroup, user: user))
                }
            }
            if !found.isEmpty { state.withLock { $0.entries += found } }
        }
    }

    /// All of it on the one thread.
    private func makeNow(_ process: Int32, _ peer: PeerCredentials) throws(Problem) -> RunCgroup {
        guard peer.process > 0 else {
            throw Problem(
                .forbidden, cause: "the client runs in another namespace of processes, such as a container's",
                remedy: "run energyctl on the host")
        }
        try check(process, peer)
        try checkRoom(for: peer.user)
        let cgroup = try place(process, of: peer.user)
        do throws(Problem) {
            try check(process, peer)
            guard (try? CgroupPlace(of: process, paths: paths)) == cgroup.place else {
                throw Problem(.conflict, cause: "process \(process) was moved elsewhere", remedy: "try again")
            }
        } catch {
            // Another process may have got the number.
            for stray in cgroup.processes() { try? cgroup.place.above.take(stray) }
            Self.remove(cgroup)
            throw error
        }
        state.withLock { $0.entries.append(Entry(cgroup: cgroup, user: peer.user)) }
        return cgroup
    }

    /// False where something is still in it.
    @discardableResult
    private static func remove(_ cgroup: RunCgroup) -> Bool { cgroup.place.above.writable { cgroup.remove() } }

    /// Makes the cgroup and moves the process there.
    private func place(_ process: Int32, of user: UInt32) throws(Problem) -> RunCgroup {
        do throws(HostError) {
            let above = try CgroupPlace(of: process, paths: paths)
            let number = state.withLock { state in
                state.number += 1
                return state.number
            }
            let cgroup = try above.writable { () throws(HostError) in
                try RunCgroup(below: above, name: "\(user)-\(process)-\(number)")
            }
            do throws(HostError) {
                try cgroup.take(process)
            } catch {
                Self.remove(cgroup)
                throw error
            }
            return cgroup
        } catch {
            throw Problem(refusedBy: error)
        }
    }

    /// The process is a child of the client and runs as the client's user, and as no other.
    private func check(_ process: Int32, _ peer: PeerCredentials) throws(Problem) {
        guard let status = try? readText("\(paths.procfs)/\(process)/status", limit: 1 << 14) else {
            throw Problem(.notFound, cause: "there is no process \(process)", remedy: "name one that runs")
        }
        func numbers(_ name: String) -> [UInt32] {
            lines(of: status).first { $0.hasPrefix(name) }?
                .split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst().compactMap { UInt32($0) } ?? []
        }
        guard numbers("PPid:") == [UInt32(peer.process)], numbers("Uid:") == Array(repeating: peer.user, count: 4)
        else {
            throw Problem(
                .forbidden, cause: "process \(process) is no child of the client that runs as the client's user",
                remedy: "use energyctl run, which starts the command itself")
        }
    }

    private func checkRoom(for user: UInt32) throws(Problem) {
        let (all, own) = state.withLock { state in (state.entries.count, state.entries.count { $0.user == user }) }
        guard all < Self.limit, own < Self.limitOfUser else {
            let whose = own < Self.limitOfUser ? "all users together" : "user \(user)"
            throw Problem(
                .tooManyRequests,
                cause:
                    "there are \(own < Self.limitOfUser ? all : own) cgroups of runs of \(whose), the most there may be",
                remedy: "end what still runs in those named energyd-run-\(user)-*, or wait for a few seconds")
        }
    }

    /// Of a name that ``place(_:of:)`` gave.
    static func user(ofName name: String) -> UInt32? {
        let numbers = name.split(separator: "-").suffix(3).map { UInt32($0) }
        guard name.split(separator: "-").count == 5, numbers.allSatisfy({ $0 != nil }) else { return nil }
        return numbers.first ?? nil
    }
}

package import Linux

/// Names of pods and containers from the files that the kubelet creates for log collectors:
/// directories `pods/NAMESPACE_POD_UID/CONTAINER` and links `containers/POD_NAMESPACE_CONTAINER-ID.log`.
///
/// Only needs permission to read the directories. The kubelet creates the directory before the pod's first container,
/// and the link once the container runs. Costs one system call per tick, and more only for what changed.
///
/// Source: kubelet's `kuberuntime` package, `BuildPodLogsDirectory` and `logSymlink`.
package final class LogDirectoryNames {
    private enum Place {
        case pods, links
        /// The directory of the pod with this uid.
        case pod(String)
    }

    private let root: String
    private var inotify: Inotify?
    private var places: [Int32: Place] = [:]
    /// Watched, and listed since.
    private var isWatchingPods = false
    private var isWatchingLinks = false
    /// Directories of pods that could not be listed yet, by uid.
    private var unlisted: [String: String] = [:]
    private var nextAttempt = -Double.infinity
    /// The container directories of each pod, where there are no links, which would be certain.
    private var directories: [String: Set<String>] = [:]
    /// Why nothing can be read; nil while it can.
    package private(set) var problem: HostError?
    /// Attempts that failed.
    package private(set) var errors: UInt64 = 0

    private let list: (String) throws(HostError) -> [DirectoryEntry]

    /// Time between attempts to read a directory that is not there, s.
    private static let pause = 10.0

    /// - Parameters:
    ///   - logs: `/var/log` of the host.
    ///   - list: reads a directory.
    package init(
        logs: String,
        list: @escaping (String) throws(HostError) -> [DirectoryEntry] = { (path) throws(HostError) in
            try listDirectory(path)
        }
    ) {
        root = logs
        self.list = list
    }

    /// True where there are directories of pods but no links, which identify containers with certainty.
    package var isGuessing: Bool { isWatchingPods && !isWatchingLinks }

    /// The name of a pod's only container by its log directory; nil where there is none or more than one, or where
    /// links name containers for certain.
    package func onlyContainer(ofPod uid: String) -> String? {
        guard isGuessing, let names = directories[uid], names.count == 1 else { return nil }
        return names.first
    }

    /// Applies what was created and removed since the last call.
    ///
    /// - Parameter now: s, on any clock that does not go back.
    package func update(_ names: inout NameTable, at now: Double) {
        var needsScan = false
        for event in inotify?.changes() ?? [] {
            switch event.change {
            case .overflowed: needsScan = true
            case .lost: lose(event.watch)
            case .appeared: appeared(event.name, in: places[event.watch], &names)
            case .vanished: vanished(event.name, in: places[event.watch], &names, now)
            }
        }
        if needsScan { (isWatchingPods, isWatchingLinks) = (false, false) }
        let isComplete = isWatchingPods && isWatchingLinks && unlisted.isEmpty
        guard needsScan || !isComplete && now >= nextAttempt else { return }
        nextAttempt = now + Self.pause
        attempt(&names)
    }

    /// Watches what is not watched yet. Watches first, then lists: what is created in between is seen twice, not missed.
    private func attempt(_ names: inout NameTable) {
        do throws(HostError) {
            let inotify = if let known = self.inotify { known } else { try Inotify() }
            self.inotify = inotify
            if !isWatchingLinks, isDirectory(root + "/containers") {
                places[try inotify.watch(root + "/containers")] = .links
                let entries = try list(root + "/containers")
                isWatchingLinks = true
                for entry in entries { appeared(entry.name, in: .links, &names) }
            }
            if !isWatchingPods {
                places[try inotify.watch(root + "/pods")] = .pods
                let entries = try list(root + "/pods")
                isWatchingPods = true
                for entry in entries { appeared(entry.name, in: .pods, &names) }
            }
            for (uid, name) in unlisted { watchPod(uid, name, &names) }
            problem = nil
        } catch {
            problem = error
            errors += 1
        }
    }

    private func lose(_ watch: Int32) {
        switch places.removeValue(forKey: watch) {
        case .pods: isWatchingPods = false
        case .links: isWatchingLinks = false
        case .pod(let uid): directories[uid] = nil
        case nil: break
        }
    }

    private func appeared(_ name: String, in place: Place?, _ names: inout NameTable) {
        switch place {
        case .pods:
            guard let pod = PodLogDirectory(name) else { return }
            var facts = ["k8s.namespace.name": pod.namespace, "k8s.pod.name": pod.name]
            facts["vm.name"] = pod.virtualMachine
            names.set(facts, for: .pod(pod.uid), from: .logs)
            if !isWatchingLinks { watchPod(pod.uid, name, &names) }
        case .links:
            guard let link = ContainerLogLink(name) else { return }
            let facts = [
                "k8s.namespace.name": link.namespace, "k8s.pod.name": link.pod, "k8s.container.name": link.container,
            ]
            names.set(facts, for: link.key, id: link.id, from: .logs)
        case .pod(let uid):
            directories[uid, default: []].insert(name)
            names.touch(.pod(uid))
        case nil: break
        }
    }

    private func watchPod(_ uid: String, _ name: String, _ names: inout NameTable) {
        let directory = "\(root)/pods/\(name)"
        unlisted[uid] = nil
        do throws(HostError) {
            guard let inotify else { return }
            places[try inotify.watch(directory)] = .pod(uid)
            for entry in try list(directory) where entry.isDirectory {
                directories[uid, default: []].insert(entry.name)
            }
            names.touch(.pod(uid))
        } catch {
            // A directory that is gone has no names.
            if error.code != .missing { unlisted[uid] = name }
        }
    }

    private func vanished(_ name: String, in place: Place?, _ names: inout NameTable, _ now: Double) {
        switch place {
        case .pods:
            guard let pod = PodLogDirectory(name) else { return }
            unlisted[pod.uid] = nil
            names.remove(.pod(pod.uid), from: .logs, at: now)
        case .links: ContainerLogLink(name).map { names.remove($0.key, from: .logs, at: now) }
        case .pod, nil: break
        }
    }
}

/// `NAMESPACE_POD_UID`: neither of the three can hold a `_`.
struct PodLogDirectory: Equatable {
    let namespace: String
    let name: String
    let uid: String

    /// The guest of a KubeVirt pod, `virt-launcher-GUEST-RANDOM`; nil for other pods.
    var virtualMachine: String? {
        guard name.hasPrefix("virt-launcher-"), let dash = name.lastIndex(of: "-") else { return nil }
        let guest = name[..<dash].dropFirst("virt-launcher-".count)
        return guest.isEmpty ? nil : String(guest)
    }

    init?(_ entry: String) {
        guard let parts = threeParts(entry[...]) else { return nil }
        (namespace, name, uid) = (String(parts.0), String(parts.1), String(parts.2))
    }
}

/// `POD_NAMESPACE_CONTAINER-ID.log`; the id is cut where the name would be longer than 255 bytes.
struct ContainerLogLink: Equatable {
    let pod: String
    let namespace: String
    let container: String
    let id: String

    /// Runtimes write 64 digits.
    var key: NameKey { id.utf8.count == 64 ? .container(id) : .container(beginning: id) }

    init?(_ entry: String) {
        let suffix = ".log".utf8
        guard entry.utf8.suffix(suffix.count).elementsEqual(suffix),
            let parts = threeParts(Substring(entry.utf8.dropLast(suffix.count))),
            let dash = parts.2.utf8.lastIndex(of: UInt8(ascii: "-")), dash > parts.2.startIndex
        else { return nil }
        let id = parts.2[parts.2.utf8.index(after: dash)...]
        let isID = id.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard isID, id.utf8.count >= 12 else { return nil }
        (pod, namespace) = (String(parts.0), String(parts.1))
        (container, self.id) = (String(parts.2[..<dash]), String(id))
    }
}

/// What two `_` separate; nil where there are more or fewer, or nothing between them. Without a list of them: this is
/// most of what a name costs.
private func threeParts(_ text: Substring) -> (Substring, Substring, Substring)? {
    let (bytes, separator) = (text.utf8, UInt8(ascii: "_"))
    guard let first = bytes.firstIndex(of: separator), let last = bytes.lastIndex(of: separator), first < last,
        !bytes[bytes.index(after: first)..<last].contains(separator)
    else { return nil }
    let parts = (text[..<first], text[bytes.index(after: first)..<last], text[bytes.index(after: last)...])
    return parts.0.isEmpty || parts.1.isEmpty || parts.2.isEmpty ? nil : parts
}

package import Linux

/// Names of pods and containers from the files that the kubelet creates for log collectors:
/// directories `pods/NAMESPACE_POD_UID/CONTAINER` and links `containers/POD_NAMESPACE_CONTAINER-ID.log`.
///
/// Only needs permission to read the directories. The kubelet creates the directory before the pod's first container,
/// and the link once the container runs. Costs one system call per tick, and more only for what changed.
///
/// Directories are watched and listed apart from the tick, because their file system may hang: the tick finds the result
/// in the next call. Events of a directory whose listing is under way are kept until then.
///
/// Source: kubelet's `kuberuntime` package, `BuildPodLogsDirectory` and `logSymlink`.
package final class LogDirectoryNames {
    private let root: String
    private let directories: LogDirectories
    private var inotify: Inotify?
    private var places: [Int32: LogDirectories.Place] = [:]
    /// Watched, and listed since.
    private var isWatchingPods = false
    private var isWatchingLinks = false
    /// Events of directories that may be among those which are looked at now.
    private var strays: [Inotify.Event] = []
    /// Events were lost: everything is to be looked at again.
    private var needsScan = false
    private var isAttempting = false
    /// Directories of pods that could not be listed yet, by uid.
    private var unlisted: [String: String] = [:]
    private var nextAttempt = -Double.infinity
    /// The container directories of each pod, where there are no links, which would be certain.
    private var containers: [String: Set<String>] = [:]
    /// Pods that may be guests of KubeVirt, by `NAMESPACE_POD`.
    private var launchers: [String: PodLogDirectory] = [:]
    /// Those of which a link shows that they have the container for it.
    private var computing: Set<String> = []
    /// Since when there was no answer to what was asked; nil where there is nothing to answer.
    private var waitingSince: Double?
    private var isSilent = false
    /// Why nothing can be read; nil while it can.
    package private(set) var problem: HostError?
    /// Attempts that failed.
    package private(set) var errors: UInt64 = 0

    /// Time between attempts to read a directory that is not there, s.
    private static let pause = 10.0
    /// After so long without an answer that is a problem, s.
    private static let patience = 5.0
    private static let mostStrays = 10_000

    /// - Parameters:
    ///   - logs: `/var/log` of the host.
    ///   - run: does work that may wait; by default at once, for callers that may wait themselves.
    ///   - list: reads a directory.
    package init(
        logs: String, run: @escaping LogDirectories.Runner = { $0() },
        list: @escaping LogDirectories.Lister = { (path) throws(HostError) in try listDirectory(path) }
    ) {
        root = logs
        directories = LogDirectories(root: logs, run: run, list: list)
    }

    /// True where there are directories of pods but no links, which identify containers with certainty.
    package var isGuessing: Bool { isWatchingPods && !isWatchingLinks }

    /// The name of a pod's only container by its log directory; nil where there is none or more than one, or where
    /// links name containers for certain.
    package func onlyContainer(ofPod uid: String) -> String? {
        guard isGuessing, let names = containers[uid], names.count == 1 else { return nil }
        return names.first
    }

    /// Applies what was created and removed since the last call.
    ///
    /// - Parameter now: s, on any clock that does not go back.
    package func update(_ names: inout NameTable, at now: Double) {
        // Before the events: a directory is watched before it is listed.
        let events = strays + (inotify?.changes() ?? [])
        strays = []
        takeFindings(&names, at: now)
        for event in events { apply(event, &names, at: now) }
        attemptIfDue(at: now)
        takeFindings(&names, at: now)
        noteSilence(at: now)
    }

    private func apply(_ event: Inotify.Event, _ names: inout NameTable, at now: Double) {
        if event.change == .overflowed || strays.count >= Self.mostStrays {
            needsScan = true
        } else if places[event.watch] == nil {
            if directories.isLooking { strays.append(event) }
        } else {
            switch event.change {
            case .lost: lose(event.watch)
            case .appeared: appeared(event.name, in: places[event.watch], &names)
            default: vanished(event.name, in: places[event.watch], &names, now)
            }
        }
    }

    private func attemptIfDue(at now: Double) {
        guard !isAttempting else { return }
        if needsScan {
            (isWatchingPods, isWatchingLinks, nextAttempt, needsScan) = (false, false, now, false)
        }
        guard !(isWatchingPods && isWatchingLinks && unlisted.isEmpty), now >= nextAttempt else { return }
        nextAttempt = now + Self.pause
        do throws(HostError) {
            let inotify = if let known = self.inotify { known } else { try Inotify() }
            self.inotify = inotify
            isAttempting = true
            directories.look(links: !isWatchingLinks, pods: !isWatchingPods, inotify)
            for (uid, name) in unlisted { directories.look(atPod: uid, name, inotify) }
            unlisted = [:]
        } catch {
            problem = error
            errors += 1
        }
    }

    /// Takes over what was found. One finding may lead to the next.
    private func takeFindings(_ names: inout NameTable, at now: Double) {
        while case let findings = directories.takeFindings(), !findings.isEmpty {
            waitingSince = nil
            if isSilent { (isSilent, problem) = (false, nil) }
            for finding in findings { apply(finding, &names) }
        }
    }

    private func apply(_ finding: LogDirectories.Finding, _ names: inout NameTable) {
        switch finding {
        case .listed(let place, let watch, let entries):
            places[watch] = place
            switch place {
            case .links: isWatchingLinks = true
            case .pods: isWatchingPods = true
            case .pod(let uid): names.touch(.pod(uid))
            }
            for entry in entries { appeared(entry, in: place, &names) }
        case .unlisted(let uid, let name): unlisted[uid] = name
        case .ended(let failure):
            isAttempting = false
            problem = failure
            errors += failure == nil ? 0 : 1
        }
    }

    private func noteSilence(at now: Double) {
        guard directories.isLooking else {
            waitingSince = nil
            return
        }
        let since = waitingSince ?? now
        waitingSince = since
        guard now - since >= Self.patience else { return }
        errors += isSilent ? 0 : 1
        isSilent = true
        problem = HostError(
            code: .other(0), path: root,
            detail: "has not answered for \(Int(now - since)) s: its file system hangs or is slow")
    }

    private func lose(_ watch: Int32) {
        switch places.removeValue(forKey: watch) {
        case .pods: isWatchingPods = false
        case .links: isWatchingLinks = false
        case .pod(let uid): containers[uid] = nil
        case nil: break
        }
    }

    private func appeared(_ name: String, in place: LogDirectories.Place?, _ names: inout NameTable) {
        switch place {
        case .pods:
            guard let pod = PodLogDirectory(name) else { return }
            let place = "\(pod.namespace)_\(pod.name)"
            if pod.virtualMachine != nil { launchers[place] = pod }
            set(pod, isGuest: computing.contains(place), &names)
            if !isWatchingLinks, let inotify { directories.look(atPod: pod.uid, name, inotify) }
        case .links:
            guard let link = ContainerLogLink(name) else { return }
            let facts = [
                "k8s.namespace.name": link.namespace, "k8s.pod.name": link.pod, "k8s.container.name": link.container,
            ]
            names.set(facts, for: link.key, id: link.id, from: .logs)
            guard link.container == PodLogDirectory.compute, link.pod.hasPrefix("virt-launcher-") else { return }
            let place = "\(link.namespace)_\(link.pod)"
            computing.insert(place)
            if let pod = launchers[place] { set(pod, isGuest: true, &names) }
        case .pod(let uid):
            if name == PodLogDirectory.compute, let pod = launchers.values.first(where: { $0.uid == uid }) {
                set(pod, isGuest: true, &names)
            }
            containers[uid, default: []].insert(name)
            names.touch(.pod(uid))
        case nil: break
        }
    }

    private func set(_ pod: PodLogDirectory, isGuest: Bool, _ names: inout NameTable) {
        var facts = ["k8s.namespace.name": pod.namespace, "k8s.pod.name": pod.name]
        if isGuest { facts["vm.name"] = pod.virtualMachine }
        names.set(facts, for: .pod(pod.uid), from: .logs)
    }

    private func vanished(_ name: String, in place: LogDirectories.Place?, _ names: inout NameTable, _ now: Double) {
        switch place {
        case .pods:
            guard let pod = PodLogDirectory(name) else { return }
            unlisted[pod.uid] = nil
            launchers["\(pod.namespace)_\(pod.name)"] = nil
            names.remove(.pod(pod.uid), from: .logs, at: now)
        case .links:
            guard let link = ContainerLogLink(name) else { return }
            if link.container == PodLogDirectory.compute { computing.remove("\(link.namespace)_\(link.pod)") }
            names.remove(link.key, from: .logs, at: now)
        case .pod, nil: break
        }
    }
}

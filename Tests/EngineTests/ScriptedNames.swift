import Names
import Workloads

/// Names from a script: no directories, no runtimes, no API server.
final class ScriptedNames: NameSources {
    private var pending: [(inout NameTable, Double) -> Void] = []
    /// What the tick wanted names for.
    private(set) var asked: [CgroupIdentity] = []
    var states: [NameFeed.State] = []
    var logs: LogDirectoryState?
    var isGuessing = false
    /// By the uid of the pod.
    var onlyContainers: [String: String] = [:]

    /// A source has names for a workload from the next tick on.
    func tell(_ facts: [String: String], of key: NameKey, from source: NameSource = .logs) {
        pending.append { names, _ in names.set(facts, for: key, from: source) }
    }

    /// A source no longer has names for a workload.
    func withdraw(_ key: NameKey, from source: NameSource = .logs) {
        pending.append { names, now in names.remove(key, from: source, at: now) }
    }

    func update(_ names: inout NameTable, at now: Double) {
        for change in pending { change(&names, now) }
        pending = []
    }

    func ask(for identity: CgroupIdentity) { asked.append(identity) }

    func onlyContainer(ofPod uid: String) -> String? { onlyContainers[uid] }
}

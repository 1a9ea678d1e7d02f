internal import Ledger
internal import Linux
internal import Names
internal import Snapshot
internal import Workloads

/// Gives the workloads of the ledger their names, as far as the sources know them.
///
/// A tick costs what changed: workloads that came are looked up once, O(1) each; a name that comes later finds its
/// workload the same way.
struct Naming {
    private var names = NameTable()
    private let sources: any NameSources
    private let dimensions: RollUpDimensions
    /// Workloads by what sources call them.
    private var workloads: [NameKey: WorkloadID] = [:]
    /// Pods in which two containers ran at once: a lone directory may be for either.
    private var crowded: Set<String> = []
    /// Pods that live and of which nothing but their path is known.
    private var namelessPods: Set<WorkloadID> = []
    /// Pods that are shown.
    private var podCount = 0
    /// Pods, containers and virtual machines without all of their names, and until when these are waited for, s.
    private var waiting: [WorkloadID: Double] = [:]
    private let wait: Double
    /// Owners and labels of pods are known, too, once a pod is.
    private let hasPods: Bool

    /// - Parameters:
    ///   - wait: how long a name is waited for, s.
    ///   - hasPods: whether Kubernetes is asked for owners and labels.
    init(_ sources: any NameSources, dimensions: RollUpDimensions, wait: Double, hasPods: Bool) {
        self.sources = sources
        self.dimensions = dimensions
        self.wait = wait
        self.hasPods = hasPods
    }

    /// Names that there was no room for.
    var refused: UInt64 { names.refused }

    /// What the user can do about pods without a name; nil where there are none.
    func notice(for ledger: Ledger) -> String? {
        guard let problem = sources.logs?.problem, namelessPods.contains(where: { ledger.tree[$0]?.endedAt == nil })
        else {
            return nil
        }
        return "pod names cannot be read: \(problem); mount the host's /var/log/pods and /var/log/containers and point "
            + "--path.logs at their parent"
    }

    /// Configured sources that do not work.
    var failures: [String] {
        sources.states.filter { !$0.isUp }.map { "no names from \($0.name): \($0.lastError ?? "")" }
    }

    /// Health of what names come from. Log directories are not missed where there are no pods.
    var states: [Snapshot.SourceState] {
        let ofLogs = sources.logs.flatMap { logs -> Snapshot.SourceState? in
            guard podCount > 0 || !logs.isMissing else { return nil }
            return Snapshot.SourceState(
                name: "logs", isUp: logs.problem == nil, errors: logs.errors, lastError: logs.problem)
        }
        let others = sources.states.map {
            Snapshot.SourceState(name: $0.name, isUp: $0.isUp, errors: $0.errors, lastError: $0.lastError)
        }
        return [ofLogs].compactMap(\.self) + others
    }

    /// Takes in what the sources have learned and describes what it concerns.
    mutating func update(_ ledger: inout Ledger, at now: Double) {
        sources.update(&names, at: now)
        let fresh = takeFresh(&ledger)
        names.expire(at: now)
        for id in fresh {
            guard let identity = ledger.tree[id]?.identity else { continue }
            describe(id, in: &ledger)
            sources.ask(for: identity)
            if wait > 0, mayBeNamed(identity) {
                waiting[id] = now + wait
                ledger.setAwaitingName(id, true)
            }
            if isGuessing, let pod = pod(of: id, in: ledger) { describeContainers(of: pod, in: &ledger) }
        }
        var done = Set(fresh)
        for key in names.takeChanges() {
            guard let id = workload(named: key, in: ledger), isGuessing || done.insert(id).inserted else { continue }
            let isFirst = ledger.tree[id]?.facts.isEmpty == true
            describe(id, in: &ledger)
            // A pod's name is its containers' too.
            if key.kind == .pod, isFirst || isGuessing { describeContainers(of: id, in: &ledger) }
        }
        for (id, deadline) in waiting where now >= deadline || isNamed(id, in: ledger) {
            waiting[id] = nil
            ledger.setAwaitingName(id, false)
        }
    }

    /// Whether a name can be expected. The kubelet's log directories have only those of pods; what else there is has its
    /// name from a source in the background, or from nowhere.
    private func mayBeNamed(_ identity: CgroupIdentity) -> Bool {
        switch identity.kind {
        case .pod: true
        case .container, .vm: identity.podUID != nil || !sources.states.isEmpty
        default: false
        }
    }

    /// True where nothing more can be expected.
    private func isNamed(_ id: WorkloadID, in ledger: Ledger) -> Bool {
        guard let workload = ledger.tree[id] else { return true }
        let facts = workload.facts
        if workload.identity.kind == .pod {
            return facts["k8s.pod.name"] != nil
                && (!hasPods || facts["k8s.pod.qos"] != nil || facts["k8s.owner.kind"] != nil)
        }
        guard workload.identity.podUID != nil else { return facts["container.name"] ?? facts["vm.name"] != nil }
        return facts["k8s.container.name"] != nil && pod(of: id, in: ledger).map { isNamed($0, in: ledger) } ?? true
    }

    /// Identities that names have to be looked up for.
    private mutating func takeFresh(_ ledger: inout Ledger) -> [WorkloadID] {
        var fresh: [WorkloadID] = []
        for change in ledger.takeIdentityChanges() {
            switch change {
            case .appeared(let id):
                guard let identity = ledger.tree[id]?.identity, let key = NameKey(identity) else { continue }
                workloads[key] = id
                fresh.append(id)
                guard identity.kind == .pod else { continue }
                podCount += 1
                namelessPods.insert(id)
                crowded.remove(identity.podUID ?? "")
            case .released(let id, let identity):
                if identity.kind == .pod {
                    podCount -= 1
                    namelessPods.remove(id)
                    crowded.remove(identity.podUID ?? "")
                }
                guard let key = NameKey(identity), workloads[key] == id else { continue }
                workloads[key] = nil
                names.forget(key)
            }
        }
        return fresh
    }

    /// O(1), but for containers of whose id only the beginning is known.
    private func workload(named key: NameKey, in ledger: Ledger) -> WorkloadID? {
        guard key.kind == .containerPrefix else { return workloads[key] }
        return workloads.first { $0.key.kind == .container && $0.key.id.hasPrefix(key.id) }?.value
    }

    /// True where containers have no links that name them for certain.
    private var isGuessing: Bool { sources.isGuessing }

    private mutating func describe(_ id: WorkloadID, in ledger: inout Ledger) {
        guard let workload = ledger.tree[id] else { return }
        // What ended had its name, or no source knows it any more.
        guard workload.endedAt == nil || workload.facts.isEmpty else { return }
        let facts = names.facts(of: workload.identity)
        guard !facts.isEmpty else { return }
        ledger.describe(id, as: facts, dimensions: dimensions)
        namelessPods.remove(id)
        namePod(of: id, in: &ledger)
    }

    /// Linear in the number of workloads; once per pod, but where containers must be guessed.
    private mutating func describeContainers(of pod: WorkloadID, in ledger: inout Ledger) {
        let containers = ledger.tree.children(of: pod).filter { ledger.tree[$0]?.identity.kind == .container }
        for id in containers { describe(id, in: &ledger) }
        guard isGuessing, let uid = ledger.tree[pod]?.identity.podUID else { return }
        let living = containers.filter { ledger.tree[$0]?.endedAt == nil }
        if living.count > 1 { crowded.insert(uid) }
        guard living.count == 1, !crowded.contains(uid), let name = sources.onlyContainer(ofPod: uid) else { return }
        var facts = ledger.tree[living[0]]?.facts ?? [:]
        facts["k8s.container.name"] = name
        ledger.describe(living[0], as: facts, dimensions: dimensions)
    }

    private func pod(of id: WorkloadID, in ledger: Ledger) -> WorkloadID? {
        guard ledger.tree[id]?.identity.kind == .container, let pod = ledger.tree.parent(of: id),
            ledger.tree[pod]?.identity.kind == .pod
        else { return nil }
        return pod
    }

    /// Where only the container's name is known, it names its pod.
    private mutating func namePod(of id: WorkloadID, in ledger: inout Ledger) {
        guard let container = ledger.tree[id], container.identity.kind == .container,
            let uid = container.identity.podUID, let pod = pod(of: id, in: ledger) ?? workloads[.pod(uid)],
            let identity = ledger.tree[pod]?.identity, ledger.tree[pod]?.facts["k8s.pod.name"] == nil,
            let namespace = container.facts["k8s.namespace.name"], let name = container.facts["k8s.pod.name"]
        else { return }
        names.set(["k8s.namespace.name": namespace, "k8s.pod.name": name], for: .pod(uid), from: .guess)
        ledger.describe(pod, as: names.facts(of: identity), dimensions: dimensions)
        namelessPods.remove(pod)
    }
}

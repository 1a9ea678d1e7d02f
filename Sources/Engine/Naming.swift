internal import Linux
internal import Names
internal import Snapshot
internal import Workloads

/// Gives the workloads of the table their names, as far as the sources know them.
///
/// A tick costs what changed: workloads that came are looked up once, O(1) each; a name that comes later finds its
/// workload the same way.
struct Naming {
    private var names = NameTable()
    private let logs: LogDirectoryNames?
    private let feed: NameFeed?
    private let dimensions: RollUpDimensions
    /// Pods in which two containers ran at once: nobody can tell which of them a lone directory is for.
    private var crowded: Set<String> = []

    init(_ configuration: EngineConfiguration) {
        logs = configuration.readsLogDirectories ? LogDirectoryNames(logs: configuration.paths.logs) : nil
        feed = configuration.names
        dimensions = configuration.rollUps ?? RollUpDimensions()
    }

    /// Names that there was no room for.
    var refused: UInt64 { names.refused }

    /// What the user can do about pods without a name; nil where there are none.
    func notice(for table: WorkloadTable) -> String? {
        guard let problem = logs?.problem else { return nil }
        let isNameless = table.workloads.contains { workload in
            workload.isShown && workload.identity.kind == .pod && workload.endedAt == nil && workload.facts.isEmpty
        }
        guard isNameless else { return nil }
        return "pods have no names: \(problem); mount the host's /var/log/pods and /var/log/containers and point "
            + "--path.logs at their parent"
    }

    /// Sources that were asked for and do not answer.
    var failures: [String] {
        (feed?.states ?? []).filter { !$0.isUp }.map { "names of \($0.name) do not come: \($0.lastError ?? "")" }
    }

    /// Health of what names come from. Log directories are not missed where there are no pods.
    func sources(for table: WorkloadTable) -> [Snapshot.SourceState] {
        let ofLogs = logs.flatMap { logs -> Snapshot.SourceState? in
            let hasPods = table.workloads.contains { $0.isShown && $0.identity.kind == .pod }
            guard hasPods || logs.problem?.code != .missing else { return nil }
            return Snapshot.SourceState(
                name: "logs", isUp: logs.problem == nil, errors: logs.errors,
                lastError: logs.problem.map { "\($0)" })
        }
        let others = feed?.states.map {
            Snapshot.SourceState(name: $0.name, isUp: $0.isUp, errors: $0.errors, lastError: $0.lastError)
        }
        return [ofLogs].compactMap(\.self) + (others ?? [])
    }

    /// Takes in what the sources have learned and describes what it concerns.
    mutating func update(_ table: inout WorkloadTable, at now: Double) {
        logs?.update(&names, at: now)
        feed?.drain(into: &names, at: now)
        for key in table.takeDeparted() { names.forget(key) }
        names.expire(at: now)
        let fresh = table.takeFresh()
        for index in fresh {
            if table.workloads[index].identity.kind == .pod {
                crowded.remove(table.workloads[index].identity.podUID ?? "")
            }
            describe(index, in: &table)
            feed?.ask(for: table.workloads[index].identity)
            if isGuessing, let pod = pod(of: index, in: table) { describeContainers(of: pod, in: &table) }
        }
        var done = Set(fresh)
        for key in names.takeChanges() {
            guard let index = table.workload(named: key), isGuessing || done.insert(index).inserted else { continue }
            let isFirst = table.workloads[index].facts.isEmpty
            describe(index, in: &table)
            // A pod's name is its containers' too.
            if key.kind == .pod, isFirst || isGuessing { describeContainers(of: index, in: &table) }
        }
    }

    /// True where containers have no links that name them for certain.
    private var isGuessing: Bool { logs?.isGuessing ?? false }

    private mutating func describe(_ index: Int, in table: inout WorkloadTable) {
        let identity = table.workloads[index].identity
        // What ended had its name, or nobody knows it any more.
        guard table.workloads[index].endedAt == nil || table.workloads[index].facts.isEmpty else { return }
        let facts = names.facts(of: identity)
        guard !facts.isEmpty else { return }
        table.describe(index, as: facts, dimensions: dimensions)
        namePod(of: index, in: &table)
    }

    /// Linear in the number of workloads; once per pod, but where containers must be guessed.
    private mutating func describeContainers(of pod: Int, in table: inout WorkloadTable) {
        let containers = table.workloads.indices.filter {
            table.workloads[$0].parent == pod && table.workloads[$0].identity.kind == .container
        }
        for index in containers { describe(index, in: &table) }
        guard isGuessing, let uid = table.workloads[pod].identity.podUID else { return }
        let living = containers.filter { table.workloads[$0].endedAt == nil }
        if living.count > 1 {
            if crowded.count > 10_000 { crowded.removeAll() }
            crowded.insert(uid)
        }
        guard living.count == 1, !crowded.contains(uid), let name = logs?.onlyContainer(ofPod: uid) else { return }
        var facts = table.workloads[living[0]].facts
        facts["k8s.container.name"] = name
        table.describe(living[0], as: facts, dimensions: dimensions)
    }

    private func pod(of index: Int, in table: WorkloadTable) -> Int? {
        guard table.workloads[index].identity.kind == .container, let pod = table.workloads[index].parent,
            table.workloads[pod].identity.kind == .pod
        else { return nil }
        return pod
    }

    /// Where only the container's name is known, it names its pod.
    private mutating func namePod(of index: Int, in table: inout WorkloadTable) {
        guard table.workloads[index].identity.kind == .container, let uid = table.workloads[index].identity.podUID,
            let pod = pod(of: index, in: table) ?? table.workload(named: .pod(uid)),
            table.workloads[pod].facts["k8s.pod.name"] == nil,
            let namespace = table.workloads[index].facts["k8s.namespace.name"],
            let name = table.workloads[index].facts["k8s.pod.name"]
        else { return }
        names.set(["k8s.namespace.name": namespace, "k8s.pod.name": name], for: .pod(uid), from: .guess)
        table.describe(pod, as: names.facts(of: table.workloads[pod].identity), dimensions: dimensions)
    }
}

internal import Snapshot

/// A kind of workload, or of sums over pods.
///
/// Its series carry what tells one from another, which never changes, and names to select by. A workload whose name may
/// still come is not exported, so that no series begins under another one; see ``Exposition``.
struct WorkloadKind: Sendable {
    /// As in the snapshot, and in the names of the metrics.
    let name: String
    /// For help texts: `a container`.
    let words: String
    /// OpenTelemetry's name of the CPU time; nil where it has none.
    let conventionalTime: String?
    /// What tells one from another.
    let identity: [String]
    /// Names that its series have by default.
    let names: [String]
    /// Further attributes that may be known.
    let facts: [String]
    /// True for sums over pods, which are not part of the tree.
    let isSum: Bool
    /// True where one can be inside another of its kind.
    let nests: Bool

    init(
        _ name: String, _ words: String, time: String? = nil, identity: [String], names: [String] = [],
        facts: [String] = [], isSum: Bool = false, nests: Bool = false
    ) {
        self.name = name
        self.words = words
        conventionalTime = time
        self.identity = identity + (nests ? ["nested"] : [])
        self.names = names
        self.facts = facts
        self.isSum = isSum
        self.nests = nests
    }

    /// nil would be exported always.
    var level: MetricSelection.Level? { MetricSelection.Level(rawValue: name) }

    /// Of every series, unless others are selected.
    var attributes: [String] { names + identity }

    /// What a series of a workload has under a selection, in the order of the exposition.
    func labels(_ selection: LabelSelection) -> [String] {
        let standard = names.filter { selection.includes($0, isStandard: true) }
        let more = (facts + Self.ofTheNode).flatMap { name -> [String] in
            if selection.includes(name, isStandard: false) { return [name] }
            return name.hasSuffix("*") ? selection.names(like: name) : []
        }
        return standard + more + identity
    }

    /// What every workload of a node has in common, selected where targets have no such label.
    static let ofTheNode = ["k8s.node.name", "host.name"]

    /// Attributes that can be selected, each once.
    static let selectable = (all.flatMap { $0.names + $0.facts } + ofTheNode)
        .reduce(into: [String]()) { list, name in if !list.contains(name) { list.append(name) } }

    private static let ofPods = ["k8s.namespace.name", "k8s.pod.name", "k8s.owner.kind", "k8s.owner.name"]
    // Allowed labels and annotations become `k8s.pod.label.NAME` and `k8s.pod.annotation.NAME`.
    private static let moreOfPods = ["k8s.pod.qos", "k8s.pod.label.*", "k8s.pod.annotation.*"]

    /// In the order of the exposition.
    static let all = [
        WorkloadKind(
            "container", "a container", time: "container.cpu.time",
            identity: ["container.id", "k8s.pod.uid", "cgroup.path"],
            names: ofPods + ["k8s.container.name", "container.name"],
            facts: [
                "container.runtime.name", "container.image.name", "user.id", "vm.name", "container.wasm.runtime",
            ] + moreOfPods, nests: true),
        WorkloadKind(
            "pod", "a pod with its containers", time: "k8s.pod.cpu.time", identity: ["k8s.pod.uid"], names: ofPods,
            facts: ["vm.name"] + moreOfPods),
        WorkloadKind(
            "namespace", "a Kubernetes namespace (ended pods included)", identity: ["k8s.namespace.name"]),
        WorkloadKind(
            "job", "a job of a batch system", identity: ["job.system", "job.id", "cgroup.path"],
            facts: ["user.id", "user.name"]),
        WorkloadKind(
            "unit", "a systemd unit with everything below it", identity: ["systemd.unit", "cgroup.path"],
            facts: ["systemd.unit.description", "vm.name"], nests: true),
        WorkloadKind(
            "slice", "a systemd slice with everything below it", identity: ["systemd.slice", "cgroup.path"],
            nests: true),
        WorkloadKind("vm", "a virtual machine", identity: ["cgroup.path"], names: ["vm.name"]),
        WorkloadKind(
            "cgroup", "a cgroup (not a container, pod, unit, slice or VM) with everything below it",
            identity: ["cgroup.path", "cgroup.id"], nests: true),
        WorkloadKind(
            "owner", "the pods of one owner (such as a Deployment)",
            identity: ["k8s.namespace.name", "k8s.owner.kind", "k8s.owner.name"], isSum: true),
        WorkloadKind(
            "label", "the pods that share a value of an allowed label",
            identity: ["energyd.label.name", "energyd.label.value"], isSum: true),
    ]
}

internal import Snapshot

/// A kind of workload, or of sums over pods.
///
/// Counters and powers carry only what never changes about a workload, so that a name that arrives late does not
/// start a second series. Names are attributes of the info metric.
struct WorkloadKind: Sendable {
    /// As in the snapshot, and in the names of the metrics.
    let name: String
    /// For help texts: `a container`.
    let words: String
    /// OpenTelemetry name of the CPU time.
    let time: String
    /// What identifies one.
    let attributes: [String]
    /// Further attributes that may be known; nil where there are none.
    let facts: [String]?
    /// True for sums over pods, which are not part of the tree.
    let isSum: Bool
    /// True where one can be inside another of its kind.
    let nests: Bool

    init(
        _ name: String, _ words: String, time: String, attributes: [String], facts: [String]? = nil,
        isSum: Bool = false, nests: Bool = false
    ) {
        self.name = name
        self.words = words
        self.time = time
        self.attributes = attributes + (nests ? ["nested"] : [])
        self.facts = facts
        self.isSum = isSum
        self.nests = nests
    }

    /// nil would be exported always.
    var level: MetricSelection.Level? { MetricSelection.Level(rawValue: name) }

    /// In the order of the exposition.
    static let all = [
        WorkloadKind(
            "container", "a container", time: "container.cpu.time",
            attributes: ["container.id", "k8s.pod.uid", "cgroup.path"],
            facts: [
                "container.name", "container.runtime.name", "container.image.name", "k8s.container.name",
                "k8s.namespace.name", "k8s.pod.name", "user.id", "vm.name", "container.wasm.runtime",
            ], nests: true),
        // Allowed labels and annotations become `k8s.pod.label.NAME` and `k8s.pod.annotation.NAME`.
        WorkloadKind(
            "pod", "a pod with its containers", time: "k8s.pod.cpu.time", attributes: ["k8s.pod.uid"],
            facts: [
                "k8s.namespace.name", "k8s.pod.name", "k8s.pod.qos", "k8s.owner.kind", "k8s.owner.name",
                "vm.name", "k8s.pod.label.*", "k8s.pod.annotation.*",
            ]),
        WorkloadKind(
            "namespace", "a Kubernetes namespace (ended pods included)", time: "energyd.namespace.cpu.time",
            attributes: ["k8s.namespace.name"]),
        WorkloadKind(
            "job", "a job of a batch system", time: "energyd.job.cpu.time",
            attributes: ["job.system", "job.id", "cgroup.path"], facts: ["user.id", "user.name"]),
        WorkloadKind(
            "unit", "a systemd unit with everything below it", time: "energyd.unit.cpu.time",
            attributes: ["systemd.unit", "cgroup.path"], facts: ["systemd.unit.description", "vm.name"], nests: true),
        WorkloadKind(
            "slice", "a systemd slice with everything below it", time: "energyd.slice.cpu.time",
            attributes: ["systemd.slice", "cgroup.path"], nests: true),
        WorkloadKind(
            "vm", "a virtual machine", time: "energyd.vm.cpu.time", attributes: ["cgroup.path"], facts: ["vm.name"]),
        WorkloadKind(
            "cgroup", "a cgroup (not a container, pod, unit, slice or VM) with everything below it",
            time: "energyd.cgroup.cpu.time",
            attributes: ["cgroup.path", "cgroup.id"], nests: true),
        WorkloadKind(
            "owner", "the pods of one owner (such as a Deployment)", time: "energyd.owner.cpu.time",
            attributes: ["k8s.namespace.name", "k8s.owner.kind", "k8s.owner.name"], isSum: true),
        WorkloadKind(
            "label", "the pods that share a value of an allowed label", time: "energyd.label.cpu.time",
            attributes: ["energyd.label.name", "energyd.label.value"], isSum: true),
    ]
}

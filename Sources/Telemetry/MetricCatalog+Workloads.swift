extension MetricCatalog {
    /// The metrics that every kind of workload has.
    ///
    /// Counters and powers carry only what never changes about a workload, so that a name that comes late starts no
    /// second series. Names are attributes of the info metric.
    struct WorkloadMetrics: Sendable {
        let kind: String
        let energy: Metric
        let power: Metric
        let emissions: Metric
        let time: Metric
        /// nil for sums over workloads.
        let scheduling: SchedulingMetrics?
        /// nil where there is nothing to tell.
        let info: Metric?

        init(
            _ kind: String, called words: String, time: String, attributes: [String], facts: [String] = [],
            isSum: Bool = false, nests: Bool = false
        ) {
            self.kind = kind
            let attributes = attributes + (nests ? ["nested"] : [])
            // Who adds them up must know.
            let once = nests ? " What lies in another of its kind is marked `nested` and part of that one's too." : ""
            energy = Metric(
                "energyd.\(kind).energy", .counter, .joules, "Energy of \(words).\(once)",
                attributes: attributes + ["zone", "mode"])
            power = Metric(
                "energyd.\(kind).power", .gauge, .watts, "Power of \(words) over the last window.\(once)",
                attributes: attributes)
            emissions = Metric(
                "energyd.\(kind).emissions", .counter, .grams, "CO2 equivalent of the energy of \(words).\(once)",
                attributes: attributes)
            self.time = Metric(time, .counter, .seconds, "CPU time of \(words).\(once)", attributes: attributes)
            scheduling =
                isSum
                ? nil
                : SchedulingMetrics(
                    kind, called: words, attributes: attributes, isCgroup: kind != "namespace")
            info =
                facts.isEmpty
                ? nil
                : Metric(
                    "energyd.\(kind)", .info, .none, "What is known of \(words); the names may come late.",
                    attributes: attributes + facts)
        }

        var all: [Metric] { [energy, power, emissions, time] + (scheduling?.all ?? []) + [info].compactMap(\.self) }
    }

    /// Of pods, labels and annotations that are allowed come as `k8s.pod.label.NAME` and `k8s.pod.annotation.NAME`.
    static let workloads: [WorkloadMetrics] = [
        WorkloadMetrics(
            "container", called: "a container", time: "container.cpu.time",
            attributes: ["container.id", "k8s.pod.uid"],
            facts: [
                "container.name", "container.runtime.name", "container.image.name", "k8s.container.name",
                "k8s.namespace.name", "k8s.pod.name", "vm.name",
            ], nests: true),
        WorkloadMetrics(
            "pod", called: "a pod with its containers", time: "k8s.pod.cpu.time", attributes: ["k8s.pod.uid"],
            facts: [
                "k8s.namespace.name", "k8s.pod.name", "k8s.pod.qos", "k8s.owner.kind", "k8s.owner.name",
                "vm.name", "k8s.pod.label.*", "k8s.pod.annotation.*",
            ]),
        WorkloadMetrics(
            "namespace", called: "a Kubernetes namespace with its pods that ended",
            time: "energyd.namespace.cpu.time", attributes: ["k8s.namespace.name"]),
        WorkloadMetrics(
            "unit", called: "a systemd unit with all below it", time: "energyd.unit.cpu.time",
            attributes: ["systemd.unit", "cgroup.path"], facts: ["systemd.unit.description", "vm.name"],
            nests: true),
        WorkloadMetrics(
            "slice", called: "a systemd slice with all below it", time: "energyd.slice.cpu.time",
            attributes: ["systemd.slice", "cgroup.path"], nests: true),
        WorkloadMetrics(
            "vm", called: "a virtual machine", time: "energyd.vm.cpu.time", attributes: ["cgroup.path"],
            facts: ["vm.name"]),
        WorkloadMetrics(
            "cgroup", called: "a cgroup that is none of the others, with all below it",
            time: "energyd.cgroup.cpu.time", attributes: ["cgroup.path", "cgroup.id"], nests: true),
        WorkloadMetrics(
            "owner", called: "the pods of one owner, such as a Deployment", time: "energyd.owner.cpu.time",
            attributes: ["k8s.namespace.name", "k8s.owner.kind", "k8s.owner.name"], isSum: true),
        WorkloadMetrics(
            "label", called: "the pods with one value of an allowed label", time: "energyd.label.cpu.time",
            attributes: ["k8s.pod.label.name", "k8s.pod.label.value"], isSum: true),
    ]

    static let podCPURequest = Metric(
        "k8s.pod.cpu.request", .gauge, .count("cpu"), "CPUs that a pod requests.", attributes: ["k8s.pod.uid"])
    static let podMemoryRequest = Metric(
        "k8s.pod.memory.request", .gauge, .bytes, "Memory that a pod requests.", attributes: ["k8s.pod.uid"])
}

extension AttributeDefinition {
    /// Every attribute of the catalogue, and no other; sorted by name within each topic.
    static let all = kubernetes + workloads + hardware + carbon + accounting + agent

    private static let ofPods = Level.conditional("of pods and what is in them, once it is known")

    private static let kubernetes = [
        AttributeDefinition(
            "k8s.container.name", .opentelemetry, ofPods, "Name of the container in its pod.", examples: ["nginx"]),
        AttributeDefinition(
            "k8s.namespace.name", .opentelemetry, ofPods, "Name of the namespace.", examples: ["shop"]),
        AttributeDefinition("k8s.node.name", .opentelemetry, .recommended, "Name of the node.", examples: ["node-7"]),
        AttributeDefinition(
            "k8s.owner.kind", ofPods, "Kind of what manages the pod, at the top of the chain.",
            examples: ["Deployment", "StatefulSet"]),
        AttributeDefinition("k8s.owner.name", ofPods, "Its name.", examples: ["web"]),
        AttributeDefinition(
            "k8s.pod.annotation.*", .opentelemetry, .optIn, "An annotation of the pod that is allowed.",
            examples: ["on-call"]),
        AttributeDefinition(
            "k8s.pod.label.*", .opentelemetry, .optIn, "A label of the pod that is allowed.", examples: ["payments"]),
        AttributeDefinition(
            "k8s.pod.name", .opentelemetry, ofPods, "Name of the pod.", examples: ["web-7d9c4b5f6-x2x1z"]),
        AttributeDefinition(
            "k8s.pod.qos", .recommended, "Quality of service class of the pod.",
            examples: ["burstable", "besteffort"]),
        AttributeDefinition(
            "k8s.pod.uid", .opentelemetry, .conditional("of pods and their containers"), "UID of the pod.",
            examples: ["275ecb36-5aa8-4c2a-9c47-d8bb681b9aff"]),
    ]

    private static let workloads = [
        AttributeDefinition(
            "cgroup.id", .required, "Inode number of the cgroup, or a word for what is none.",
            examples: ["4711", "ended"]),
        AttributeDefinition(
            "cgroup.path", .conditional("where it identifies the workload"), "Path of the cgroup in its hierarchy.",
            examples: ["/system.slice/ssh.service"]),
        AttributeDefinition(
            "container.id", .opentelemetry, .conditional("where its cgroup has it"), "Id of the container.",
            examples: ["a3bf90e006b2"]),
        AttributeDefinition(
            "container.image.name", .opentelemetry, .recommended, "Name of the image.",
            examples: ["docker.io/library/nginx:1.27"]),
        AttributeDefinition(
            "container.name", .opentelemetry, .recommended,
            "The runtime's name of a container that is of no pod.", examples: ["proxy"]),
        AttributeDefinition(
            "container.runtime.name", .opentelemetry, .recommended, "The runtime.",
            examples: ["containerd", "cri-o", "docker"]),
        AttributeDefinition(
            "container.wasm.runtime", .recommended, "What runs WebAssembly in it.", examples: ["wasmtime"]),
        AttributeDefinition(
            "energyd.label.name", .required, "Name of the allowed label that pods share.", examples: ["team"]),
        AttributeDefinition("energyd.label.value", .required, "Its value.", examples: ["payments"]),
        AttributeDefinition("job.id", .required, "Id of the job in its batch system.", examples: ["303"]),
        AttributeDefinition("job.system", .required, "The batch system.", examples: ["slurm", "pbs"]),
        AttributeDefinition(
            "nested", .conditional("of what is inside another of its kind"),
            "That its figures are part of those of another of its kind too.", values: ["true"]),
        AttributeDefinition(
            "process.executable.name", .opentelemetry, .required, "Name of the processes.", examples: ["postgres"]),
        AttributeDefinition("systemd.slice", .required, "Name of the slice.", examples: ["system.slice"]),
        AttributeDefinition(
            "systemd.unit", .conditional("of units and their processes"), "Name of the unit.",
            examples: ["ssh.service"]),
        AttributeDefinition(
            "systemd.unit.description", .recommended, "Description of the unit.", examples: ["OpenBSD Secure Shell"]),
        AttributeDefinition(
            "user.id", .opentelemetry, .recommended, "Numeric id of the user whose workload it is.", examples: ["1000"]),
        AttributeDefinition(
            "user.name", .opentelemetry, .recommended, "Name of the user whose workload it is.", examples: ["alice"]),
        AttributeDefinition(
            "vm.name", .recommended, "Name of the virtual machine.", examples: ["guest-1"]),
        AttributeDefinition(
            "workload", .required, "Id of the workload in the snapshot.",
            examples: ["unit:/system.slice/ssh.service"]),
    ]

    private static let hardware = [
        AttributeDefinition("bound", .required, "End of the 90 % interval.", values: ["low", "high"]),
        AttributeDefinition(
            "cpu.class", .required, "Class of core.", examples: ["performance", "efficiency"]),
        AttributeDefinition(
            "dynamic.quality", .required, "What the zone's dynamic energy is worth at best.",
            values: ["measured", "modelled", "estimated"]),
        AttributeDefinition(
            "energy.boundary", .required, "What the node's energy includes.",
            values: ["inlet", "platform", "components"]),
        AttributeDefinition(
            "host.cpu.model.name", .opentelemetry, .recommended, "Model of the CPU.",
            examples: ["AMD EPYC 9354P 32-Core Processor"]),
        AttributeDefinition(
            "hw.id", .opentelemetry, .required, "The zone, or the host.", examples: ["package-0", "host"]),
        AttributeDefinition(
            "hw.type", .opentelemetry, .required, "Type of component.", examples: ["cpu", "memory", "enclosure"]),
        AttributeDefinition(
            "mode", .required, "Of energy whether work caused it; of CPU time what the CPUs did.",
            examples: ["dynamic", "static", "idle", "iowait"]),
        AttributeDefinition(
            "other", .required, "The meter that another is compared with.", examples: ["perf"]),
        AttributeDefinition(
            "part", .required, "Part of the node's energy.",
            values: ["workloads", "system", "idle", "unattributed"]),
        AttributeDefinition(
            "quality", .recommended, "How good a figure is: how it came to be known.",
            examples: ["measured", "modelled", "estimated", "learned", "prior", "published"]),
        AttributeDefinition(
            "source", .recommended, "Where a figure comes from: a meter, a table, a source of names.",
            examples: ["rapl", "redfish", "estimate", "Germany 2025, yearly mean (Ember)"]),
        AttributeDefinition(
            "zone", .required, "Metered or estimated part of the machine.",
            examples: ["package-0", "dram-0", "platform"]),
    ]

    private static let carbon = [
        AttributeDefinition(
            "emissions.boundary", .required, "What emissions include.", values: ["operational", "embodied"]),
        AttributeDefinition(
            "factor.scope", .recommended, "Whether a carbon intensity includes building and fuelling the plants.",
            values: ["lifecycle", "direct"]),
        AttributeDefinition(
            "factor.type", .recommended, "What kind of figure a carbon intensity is; absent where it is not known.",
            values: ["location", "market", "marginal"]),
    ]

    private static let accounting = [
        AttributeDefinition(
            "event", .required, "Hardware event.", values: ["cycles", "instructions", "cache_misses"]),
        AttributeDefinition(
            "feature", .required, "Figure of the workloads that the regression weighs.",
            examples: ["cycles", "cpu_time"]),
        AttributeDefinition(
            "method", .required, "How energy is metered, or how it is divided.",
            examples: ["counter", "sampled", "model", "cpu-time"]),
        AttributeDefinition("reason", .required, "Why, in words.", examples: ["cycles explain the meter better"]),
        AttributeDefinition(
            "resource", .required, "What tasks were stalled for.", examples: ["cpu", "memory", "io.full"]),
        AttributeDefinition(
            "state", .required, "Of a table how much of it is meant; of CPU time what became of it.",
            examples: ["kept", "charged", "idle"]),
        AttributeDefinition(
            "tier", .required, "How CPU time is accounted.", values: ["ebpf", "ebpf-batch", "procfs"]),
    ]

    private static let agent = [
        AttributeDefinition(
            "kind", .required, "Kind of fault or workload.", examples: ["power_wrap", "pod"]),
        AttributeDefinition(
            "outcome", .required, "What became of data points.", examples: ["sent", "rejected", "dropped"]),
        AttributeDefinition("phase", .required, "Part of the tick.", examples: ["drain", "names", "all"]),
        AttributeDefinition(
            "target", .required, "Address that metrics are sent to.", examples: ["https://collector:4318/v1/metrics"]),
        AttributeDefinition("version", .required, "Version of the agent.", examples: ["1.4.0"]),
    ]
}

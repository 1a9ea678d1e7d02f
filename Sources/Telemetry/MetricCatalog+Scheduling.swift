internal import Snapshot

extension MetricCatalog {
    // The accounting about itself.
    static let kernelMemory = Metric(
        "energyd.kernel.memory", .gauge, .bytes, "Kernel memory of the maps that the accounting keeps.")
    static let kernelCgroups = Metric(
        "energyd.kernel.cgroups", .gauge, .count("cgroup"),
        "Cgroups in the kernel's table (`kept`) and what it has room for (`room`); it grows when it is crowded.",
        attributes: ["state"])
    static let cpuTruth = Metric(
        "energyd.accounting.cpu.time", .counter, .seconds,
        "Time of all CPUs as the kernel programs saw it used: `charged` to somebody, `idle`, or `stolen` by interrupts "
            + "and other machines.", attributes: ["state"])
    static let cpuUnaccounted = Metric(
        "energyd.accounting.cpu.unaccounted", .gauge, .seconds,
        "Time of all CPUs by the clock less what was accounted, since the start; a timer tick per CPU, or a defect.")
    static let cpuStatDifference = Metric(
        "energyd.accounting.cpu_stat.difference", .gauge, .ratio,
        "Difference between the CPU time told here and the cgroups' own cpu.stat, as a share of it.")
    static let nodeCPUModes = Metric(
        "energyd.node.cpu.mode.time", .counter, .seconds,
        "Time of all CPUs since boot that no task used, by the kernel's own account.", attributes: ["mode"])

    /// How the workloads of one kind ran.
    struct SchedulingMetrics: Sendable {
        let switches: Metric
        let wait: Metric
        let waits: Metric
        let shared: Metric
        let classes: Metric
        let events: Metric
        let throttled: Metric
        let throttledPeriods: Metric
        let pressure: Metric
        private let isCgroup: Bool

        /// - Parameter isCgroup: false for what has no cgroup of its own, whose files nobody reads.
        init(_ kind: String, called words: String, attributes: [String], isCgroup: Bool = true) {
            self.isCgroup = isCgroup
            func metric(
                _ name: String, _ help: String, _ more: [String] = [], type: Metric.Kind = .counter,
                unit: Metric.Unit = .seconds
            ) -> Metric {
                Metric("energyd.\(kind).\(name)", type, unit, help, attributes: attributes + more)
            }
            switches = metric(
                "context_switches",
                "Times that a thread of \(words) left a CPU, by itself or because it was preempted.", ["mode"],
                unit: .count("switch"))
            wait = metric("cpu.wait.time", "Time that threads of \(words) were ready to run but waited for a CPU.")
            waits = metric(
                "cpu.wait.duration", "Waits for a CPU by length; only with --scheduling.", type: .histogram)
            shared = metric(
                "cpu.shared_core.time",
                "CPU time of \(words) during which the core's other thread was busy too, where cores have two.")
            classes = metric(
                "cpu.class.time", "CPU time of \(words) by class of core, where they differ.", ["cpu.class"])
            events = metric(
                "hardware.events", "Hardware events of \(words), where the machine counts them.", ["event"],
                unit: .count("event"))
            throttled = metric("cpu.throttled.time", "Time that its CPU quota kept \(words) from running.")
            throttledPeriods = metric(
                "cpu.throttled.periods", "Periods in which the CPU quota of \(words) was used up.",
                unit: .count("period"))
            pressure = metric(
                "pressure.time",
                "Time that tasks of \(words) stood still for want of a resource; only with --scheduling.", ["resource"])
        }

        var all: [Metric] {
            [switches, wait, waits, shared, classes, events]
                + (isCgroup ? [throttled, throttledPeriods, pressure] : [])
        }
    }
}

extension Snapshot {
    func accountingMetrics() -> [MetricFamily] {
        guard let kernel else { return nodeModeMetrics() }
        return [
            MetricFamily(MetricCatalog.kernelMemory, [Sample([], .integer(kernel.memoryBytes))]),
            MetricFamily(
                MetricCatalog.kernelCgroups,
                [("kept", kernel.cgroupsKept), ("room", kernel.cgroupRoom)].map {
                    Sample([("state", $0)], .integer(UInt64(max(0, $1))))
                }),
            MetricFamily(
                MetricCatalog.cpuTruth,
                [
                    ("charged", kernel.chargedSeconds), ("idle", kernel.idleSeconds), ("stolen", kernel.stolenSeconds),
                ].map { Sample([("state", $0)], .real($1)) }),
            MetricFamily(MetricCatalog.cpuUnaccounted, [Sample([], .real(kernel.unaccountedSeconds))]),
            MetricFamily(
                MetricCatalog.cpuStatDifference, kernel.cpuStatDifference.map { [Sample([], .real($0))] } ?? []),
        ] + nodeModeMetrics()
    }

    private func nodeModeMetrics() -> [MetricFamily] {
        guard let cpus else { return [] }
        func sum(_ mode: (CPUTime) -> Double) -> Double { cpus.reduce(0) { $0 + mode($1) } }
        let modes = [
            ("idle", sum(\.idle)), ("iowait", sum(\.iowait)), ("irq", sum(\.irq)), ("softirq", sum(\.softirq)),
            ("steal", sum(\.steal)),
        ]
        return [MetricFamily(MetricCatalog.nodeCPUModes, modes.map { Sample([("mode", $0)], .real($1)) })]
    }
}

extension Snapshot.Scheduling {
    /// Adds the workload's samples to the families, which are in the order of ``MetricCatalog/SchedulingMetrics/all``.
    func add(to families: inout [MetricFamily], attributes: [(name: String, value: String)]) {
        typealias Sample = MetricFamily.Sample
        func add(_ index: Int, _ more: [(name: String, value: String)] = [], _ value: MetricFamily.Value?) {
            if let value { families[index].samples.append(Sample(attributes + more, value)) }
        }
        add(0, [("mode", "voluntary")], .integer(voluntarySwitches))
        add(0, [("mode", "involuntary")], .integer(involuntarySwitches))
        add(1, [], .real(waitSeconds))
        add(2, [], waitCounts.map { .histogram(bounds: Snapshot.waitBounds, counts: $0, sum: waitSeconds) })
        add(3, [], sharedCoreSeconds.map { .real($0) })
        for (name, seconds) in (cpuSecondsByClass ?? [:]).sorted(by: { $0.key < $1.key }) {
            add(4, [("cpu.class", name)], .real(seconds))
        }
        for (name, count) in (events ?? [:]).sorted(by: { $0.key < $1.key }) {
            add(5, [("event", name)], .integer(count))
        }
        add(6, [], throttledSeconds.map { .real($0) })
        add(7, [], throttledPeriods.map { .integer($0) })
        for (name, seconds) in (pressureSeconds ?? [:]).sorted(by: { $0.key < $1.key }) {
            add(8, [("resource", name)], .real(seconds))
        }
    }
}

internal import Snapshot

extension Collector {
    /// The accounting about itself.
    static let accounting = Collector(
        level: nil,
        families: [
            kernel("energyd.kernel.memory", .gauge, .bytes, "Kernel memory used by the BPF maps of the accounting.") {
                kernel, out in
                out.add(.integer(kernel.memoryBytes))
            },
            kernel(
                "energyd.kernel.cgroups", .gauge, .count("cgroup"),
                "Cgroups in the kernel's table (`kept`) and its capacity (`room`); the table grows as it fills up.",
                attributes: ["state"]
            ) { kernel, out in
                out.add("kept", .integer(UInt64(max(0, kernel.cgroupsKept))))
                out.add("room", .integer(UInt64(max(0, kernel.cgroupRoom))))
            },
            kernel(
                "energyd.accounting.cpu.time", .counter, .seconds,
                "Time of all CPUs as accounted by the kernel programs: `charged` to tasks, `idle`, or `stolen` "
                    + "(interrupts, the scheduler's search for a task, other virtual machines).", attributes: ["state"]
            ) { kernel, out in
                out.add("charged", .real(kernel.chargedSeconds))
                out.add("idle", .real(kernel.idleSeconds))
                out.add("stolen", .real(kernel.stolenSeconds))
            },
            kernel(
                "energyd.accounting.cpu.compared", .counter, .seconds,
                "Wall-clock time of all CPUs that the accounting was compared with: windows in which a CPU came or went "
                    + "are left out."
            ) { kernel, out in
                if let seconds = kernel.comparedSeconds { out.add(.real(seconds)) }
            },
            kernel(
                "energyd.accounting.cpu.unaccounted", .gauge, .seconds,
                "Wall-clock time of all CPUs that was compared, minus what was accounted in it; more than a timer tick per "
                    + "CPU is a defect."
            ) { kernel, out in
                if let seconds = kernel.unaccountedSeconds { out.add(.real(seconds)) }
            },
            kernel(
                "energyd.accounting.cpu_stat.difference", .gauge, .ratio,
                "Difference between the CPU time reported here and the cgroups' own cpu.stat, as a share of the latter."
            ) { kernel, out in
                if let difference = kernel.cpuStatDifference { out.add(.real(difference)) }
            },
            MetricFamily(
                "energyd.node.cpu.mode.time", .counter, .seconds,
                "Time of all CPUs since boot that no task used, from /proc/stat.", attributes: ["mode"]
            ) { exposition, out in
                guard let cpus = exposition.snapshot.cpus else { return }
                out.setStart(exposition.snapshot.bootUnixTime ?? .unknown)
                func add(_ mode: String, _ seconds: (Snapshot.CPUTime) -> Double) {
                    out.add(mode, .real(cpus.reduce(0) { $0 + seconds($1) }))
                }
                add("idle", \.idle)
                add("iowait", \.iowait)
                add("irq", \.irq)
                add("softirq", \.softirq)
                add("steal", \.steal)
            },
        ], origin: .process)

    /// A metric that exists only where kernel programs account.
    private static func kernel(
        _ name: String, _ kind: Metric.Kind, _ unit: MetricUnit, _ help: String, attributes: [String] = [],
        _ collect: @escaping @Sendable (Snapshot.Kernel, any MetricEncoder) -> Void
    ) -> MetricFamily {
        MetricFamily(name, kind, unit, help, attributes: attributes) { exposition, out in
            if let kernel = exposition.snapshot.kernel { collect(kernel, out) }
        }
    }
}

internal import Snapshot

/// What identifies a process name in a workload.
enum ProcessAttributes {
    static let name = "process.executable.name"
    static let workload = "workload"
    /// Those of its workload.
    static let names = [
        "k8s.namespace.name", "k8s.pod.name", "k8s.container.name", "container.name", "systemd.unit", "vm.name",
    ]
    static let all = [name] + names + [workload]
}

extension Collector {
    /// Processes by name.
    static let processes: Collector = {
        let users = EnergyUsers(rows: \.commands)
        func metric(
            _ name: String, _ kind: Metric.Kind, _ unit: MetricUnit, _ help: String, _ more: [String] = []
        ) -> Metric {
            Metric(name, kind, unit, help, attributes: ProcessAttributes.all + more)
        }
        return Collector(
            level: .process,
            families: [
                users.energy(
                    metric(
                        "energyd.process.energy", .counter, .joules,
                        "Dynamic energy of all processes of one name in one workload, including those that have ended.",
                        ["zone"]), byMode: false),
                users.power(
                    metric(
                        "energyd.process.power", .gauge, .watts, "Power of these processes over the last window.")),
                users.emissions(
                    metric(
                        "energyd.process.emissions", .counter, .grams, "CO2 equivalent of these processes' energy.")),
                users.cpuTime(
                    metric("energyd.process.cpu.time", .counter, .seconds, "CPU time of these processes."),
                    conventional: "process.cpu.time"),
            ])
    }()
}

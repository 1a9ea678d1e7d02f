internal import Snapshot

/// Which metrics are told: the means against too many series.
package struct MetricSelection: Sendable, Equatable {
    /// What a metric is about. Those about the agent itself are always told.
    package enum Level: String, Sendable, CaseIterable {
        case node, namespace, owner, label, pod, container, unit, slice, vm, cgroup, process
    }

    package var levels = Set(Level.allCases)
    /// Names of processes that are told at most: those with the most energy since the start. One that is overtaken is
    /// no longer told, but goes on counting.
    package var processLimit = 100

    package init() {}
}

extension Snapshot {
    /// The commands with the most energy, in no order.
    func largestCommands(_ limit: Int) -> [Command] {
        guard commands.count > limit else { return commands }
        func energy(_ command: Command) -> UInt64 {
            command.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules + $1.staticMicrojoules }
        }
        // Equal ones by name, so that they do not take turns.
        let sorted = commands.map { (energy($0), $0) }.sorted {
            ($1.0, $0.1.workloadId, $0.1.comm) < ($0.0, $1.1.workloadId, $1.1.comm)
        }
        return sorted.prefix(limit).map(\.1)
    }
}

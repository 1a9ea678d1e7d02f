/// Which metrics are exported, to limit the number of series.
package struct MetricSelection: Sendable, Equatable {
    /// What a metric is about. Those about the agent itself are always exported.
    package enum Level: String, Sendable, CaseIterable {
        case node, namespace, owner, label, pod, container, job, unit, slice, vm, cgroup, process
    }

    package var levels = Set(Level.allCases)
    /// Names of processes that are exported at most: those with the most energy since the start. One that is overtaken
    /// is no longer exported, but is still counted.
    package var processLimit = 100

    package init() {}

    func includes(_ level: Level?) -> Bool { level.map(levels.contains) ?? true }
}

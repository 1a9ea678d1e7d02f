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
    /// What the series of workloads carry.
    package var labels = LabelSelection.standard
    /// How long counters of a new workload are exported as zero, so that a reader that comes now and then sees
    /// them grow from zero: Prometheus' `increase()` counts nothing before the first value that it saw. Zero for never.
    package var zeroTime = Duration.seconds(60)
    /// CPU time under OpenTelemetry's names, which other collectors of the same node use too.
    package var usesConventionalNames = false
    /// Whether every series says which program made it, as OpenTelemetry's rules for Prometheus have it.
    package var namesScope = false
    /// Whether counters in OpenMetrics have a `_created` beside them.
    package var tellsCreation = false

    /// Which of Kepler's metrics are exported to Prometheus too.
    package var kepler = KeplerCompatibility.off

    package init() {}

    func includes(_ level: Level?) -> Bool { level.map(levels.contains) ?? true }
}

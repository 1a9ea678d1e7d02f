package import Accounting
package import Linux
package import Telemetry

/// Everything that can be configured, as plain values. Every default is in these types and nowhere else.
///
/// ``Layers/resolve(flags:in:)`` fills one in from flags, environment and file; the composition root builds meters, name
/// feeds and servers from it.
package struct AgentConfiguration: Sendable, Equatable {
    /// Where the host's file systems are mounted.
    package var paths = HostPaths()
    /// Name of the node; empty only before ``Layers/resolve(flags:in:)`` took it from the host.
    package var nodeName = ""
    /// Time between two samples, 100 ms to 60 s.
    package var interval = Duration.seconds(1)
    /// How long a workload that ended stays visible.
    package var retention = Duration.seconds(600)
    /// Where the totals survive a restart of the agent; nil for nowhere.
    package var stateFile: String?
    /// How CPU time is accounted. Its paths are not used: ``paths`` is.
    package var accounting = AccountingConfiguration()
    package var attribution = AttributionValues()
    package var power = PowerValues()
    package var carbon = CarbonValues()
    package var names = NameSelection()
    /// How long a name is waited for before a workload is exported under its id.
    package var nameWait = Duration.seconds(15)
    package var kubernetes = KubernetesValues()
    /// Which metrics `/metrics` has.
    package var metrics = MetricSelection()
    package var otlp = OTLPValues()
    package var history = HistoryValues()
    package var web = WebValues()
    package var limits = LimitValues()
    package var log = LogValues()

    package init() {}
}

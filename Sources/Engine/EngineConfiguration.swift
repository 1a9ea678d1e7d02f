package import Carbon
package import Energy
package import Host

/// What the engine is told; everything has a default that suits a bare host.
package struct EngineConfiguration: Sendable {
    package var paths = HostPaths()
    /// Time between ticks.
    package var interval = Duration.seconds(1)
    package var nodeName = hostName()
    package var carbon = CarbonModel(intensity: .world, pue: 1)
    package var processes = ProcessTracking.automatic
    /// Processes that the kernel has room for.
    package var processLimit = 8192
    /// How long a workload that ended stays visible.
    package var retention = Duration.seconds(600)
    /// Ended workloads that stay visible at most; the oldest go first.
    package var retentionLimit = 1000
    package var tier = TierChoice.automatic
    /// How dynamic energy is divided.
    package var attribution = AttributionMethod.automatic
    /// Who bears static energy.
    package var staticPolicy = StaticPolicy.none
    /// A file of ``PowerModelFile``, for a node without a meter.
    package var powerModelPath: String?

    package init() {}

    /// Whether CPU time is also kept per process.
    package enum ProcessTracking: String, Sendable, CaseIterable {
        /// Where no containers run: there, processes are all that a user knows.
        case automatic = "auto"
        case on
        case off
    }

    /// How CPU time is accounted.
    package enum TierChoice: String, Sendable, CaseIterable {
        case automatic = "auto"
        /// In the kernel, or not at all.
        case kernel = "A"
        /// From `cpu.stat` and `/proc`.
        case files = "C"
    }
}

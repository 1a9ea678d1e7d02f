package import Engine
package import Logging
internal import ServiceLifecycle
internal import Snapshot

/// Runs the engine: a tick every interval, its snapshot published, until shutdown.
package struct EngineService: Service {
    private let configuration: EngineConfiguration
    private let hub: SnapshotHub
    private let logger: Logger
    private let faults: @Sendable () -> [String: UInt64]

    /// - Parameter faults: what others than the engine have to add to the faults of a snapshot.
    package init(
        configuration: EngineConfiguration, hub: SnapshotHub, logger: Logger,
        faults: @escaping @Sendable () -> [String: UInt64] = { [:] }
    ) {
        self.configuration = configuration
        self.hub = hub
        self.logger = logger
        self.faults = faults
    }

    /// Throws only where the engine cannot start at all; a tick that fails is logged and the next one tried.
    package func run() async throws {
        defer { hub.finish() }
        try await cancelWhenGracefulShutdown {
            let engine = try Engine(configuration: configuration, logger: logger)
            let loop = TickLoop(
                clock: ContinuousClock(), firstInterval: configuration.firstInterval,
                interval: configuration.interval, logger: logger)
            await loop.run {
                var snapshot = try engine.tick()
                snapshot.agent.faults.merge(faults()) { $1 }
                hub.publish(snapshot)
            }
        }
    }
}

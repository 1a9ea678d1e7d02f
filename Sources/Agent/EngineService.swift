package import Engine
package import Logging
internal import ServiceLifecycle
internal import Snapshot

/// Runs the engine: a tick every interval, its snapshot published, until shutdown.
package struct EngineService: Service {
    private let configuration: EngineConfiguration
    private let store: SnapshotStore
    private let logger: Logger
    private let faults: @Sendable () -> [String: UInt64]

    /// - Parameter faults: what others than the engine have to add to the faults of a snapshot.
    package init(
        configuration: EngineConfiguration, store: SnapshotStore, logger: Logger,
        faults: @escaping @Sendable () -> [String: UInt64] = { [:] }
    ) {
        self.configuration = configuration
        self.store = store
        self.logger = logger
        self.faults = faults
    }

    /// Throws only where the engine cannot start at all; a tick that fails is logged and the next one tried.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await tickForever(Engine(configuration: configuration, logger: logger))
        }
    }

    private func tickForever(_ engine: Engine) async throws {
        let clock = ContinuousClock()
        var schedule = TickSchedule(
            startingAt: clock.now, firstInterval: configuration.firstInterval, interval: configuration.interval)
        var lastFailure: String?
        while true {
            do {
                try await clock.sleep(until: schedule.deadline, tolerance: .zero)
            } catch is CancellationError {
                return
            }
            do {
                var snapshot = try engine.tick()
                snapshot.agent.faults.merge(faults()) { $1 }
                store.publish(snapshot)
                if lastFailure != nil { logger.notice("sampling works again") }
                lastFailure = nil
            } catch {
                // Once, not every second.
                if lastFailure != "\(error)" { logger.error("cannot sample: \(error)") }
                lastFailure = "\(error)"
            }
            schedule.advance(at: clock.now)
        }
    }
}

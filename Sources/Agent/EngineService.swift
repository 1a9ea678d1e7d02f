package import Engine
package import Logging
internal import ServiceLifecycle

/// Runs the engine: a tick every interval, its snapshot published, until shutdown.
package struct EngineService: Service {
    private let configuration: EngineConfiguration
    private let store: SnapshotStore
    private let logger: Logger

    package init(configuration: EngineConfiguration, store: SnapshotStore, logger: Logger) {
        self.configuration = configuration
        self.store = store
        self.logger = logger
    }

    /// Throws only where the engine cannot start at all; a tick that fails is logged and the next one tried.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await tickForever(Engine(configuration: configuration, logger: logger))
        }
    }

    private func tickForever(_ engine: Engine) async throws {
        let clock = ContinuousClock()
        var next = clock.now
        var lastFailure: String?
        while true {
            next = max(next + configuration.interval, clock.now)
            do {
                try await clock.sleep(until: next, tolerance: .zero)
            } catch is CancellationError {
                return
            }
            do {
                store.publish(try engine.tick())
                if lastFailure != nil { logger.notice("sampling works again") }
                lastFailure = nil
            } catch {
                // Once, not every second.
                if lastFailure != "\(error)" { logger.error("cannot sample: \(error)") }
                lastFailure = "\(error)"
            }
        }
    }
}

package import Engine
package import Logging
internal import ServiceLifecycle
package import Snapshot

/// Runs the engine: a tick every interval, its snapshot published, until shutdown.
package struct EngineService: Service {
    private let makeEngine: @Sendable () throws -> Engine
    private let firstInterval: Duration
    private let interval: Duration
    private let hub: SnapshotHub
    private let logger: Logger
    private let faults: @Sendable () -> [String: UInt64]
    private let exports: @Sendable () -> [Snapshot.ExportState]?
    private let state: @Sendable (inout Snapshot.AgentState, _ now: Double) -> Void
    private let trimMemory: @Sendable () -> Void

    /// - Parameters:
    ///   - faults: what other parts than the engine add to the faults of a snapshot.
    ///   - exports: how the sending of metrics goes.
    ///   - state: what else they add to the state of the agent; gets the Unix time.
    ///   - trimMemory: called when there has been far more to keep than there is now.
    ///   - makeEngine: called once, where the engine will run.
    package init(
        firstInterval: Duration, interval: Duration, hub: SnapshotHub, logger: Logger,
        faults: @escaping @Sendable () -> [String: UInt64] = { [:] },
        exports: @escaping @Sendable () -> [Snapshot.ExportState]? = { nil },
        state: @escaping @Sendable (inout Snapshot.AgentState, _ now: Double) -> Void = { _, _ in },
        trimMemory: @escaping @Sendable () -> Void = {},
        makeEngine: @escaping @Sendable () throws -> Engine
    ) {
        self.makeEngine = makeEngine
        self.firstInterval = firstInterval
        self.interval = interval
        self.hub = hub
        self.logger = logger
        self.faults = faults
        self.exports = exports
        self.state = state
        self.trimMemory = trimMemory
    }

    /// Throws only where the engine cannot start at all; a tick that fails is logged and the next one tried.
    package func run() async throws {
        defer { hub.finish() }
        try await cancelWhenGracefulShutdown {
            let engine = try makeEngine()
            let loop = TickLoop(
                clock: ContinuousClock(), firstInterval: firstInterval, interval: interval, logger: logger)
            var freed = FreedMemory()
            await loop.run {
                var snapshot = try engine.tick()
                snapshot.agent.faults.merge(faults()) { $1 }
                snapshot.agent.exports = exports()
                state(&snapshot.agent, snapshot.unixTime)
                hub.publish(snapshot)
                if freed.isDue(snapshot.workloads.count + (snapshot.agent.cgroupsFolded ?? 0)) { trimMemory() }
            }
        }
    }
}

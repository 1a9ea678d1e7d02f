import Composition
import Engine
import Logging
import Snapshot

/// The engine in this process, for a node without an agent.
struct LocalEngine: SnapshotSource {
    private let host: EngineHost

    /// Loads the kernel programs where it may; what it must do without is told by the snapshot's notices.
    init(configuration: EngineConfiguration) async throws {
        try configuration.checkPaths()
        host = EngineHost(configuration: configuration)
        try await host.start()
    }

    /// One window: at least ``EngineHost/shortestWindow`` after the one before, ``EngineConfiguration/firstInterval`` for the first.
    mutating func next() async throws -> Snapshot {
        try await host.tick()
    }
}

/// Keeps the engine, which is nobody's to share, to itself.
private actor EngineHost {
    private let configuration: EngineConfiguration
    private var engine: Engine?
    private var due = ContinuousClock.now

    /// Shorter ones would measure the noise of the meters.
    private static let shortestWindow = Duration.milliseconds(200)

    init(configuration: EngineConfiguration) {
        self.configuration = configuration
    }

    func start() throws {
        // The notices say what there is to say; a log would write over the view.
        let silent = Logger(label: "energyctl") { _ in SwiftLogNoOpLogHandler() }
        engine = try Engine(configuration: configuration, logger: silent)
        due = .now + configuration.firstInterval
    }

    func tick() async throws -> Snapshot {
        try await Task.sleep(until: due, tolerance: .zero, clock: .continuous)
        guard let engine else { throw SourceFailure("the engine was not started") }
        var snapshot = try engine.tick()
        due = .now + Self.shortestWindow
        snapshot.agent.notices.append("no agent runs here: energyctl measures by itself, from its own start on")
        return snapshot
    }
}

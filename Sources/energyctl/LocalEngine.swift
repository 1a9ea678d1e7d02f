import Composition
import Engine
import Logging
import Snapshot

/// The engine in this process, for a node without an agent.
struct LocalEngine: SnapshotSource {
    private let host: EngineHost

    /// Loads the kernel programs where that is permitted; the snapshot's notices say what is missing.
    init(configuration: EngineConfiguration) async throws {
        try configuration.checkPaths()
        host = EngineHost(configuration: configuration)
        try await host.start()
    }

    /// Measures one window: the first of ``EngineConfiguration/firstInterval``, later ones of at least
    /// ``EngineHost/shortestWindow``.
    mutating func next() async throws -> Snapshot {
        try await host.tick()
    }

    /// Measures a window that ends now, however short it is, but no shorter than what meters resolve.
    func measure() async throws -> Snapshot {
        try await host.measure()
    }
}

/// Owns the engine, which is not safe to share.
private actor EngineHost {
    private let configuration: EngineConfiguration
    private var engine: Engine?
    private var due = ContinuousClock.now
    private var last = ContinuousClock.now

    /// Shorter windows would measure the noise of the meters.
    private static let shortestWindow = Duration.milliseconds(200)

    init(configuration: EngineConfiguration) {
        self.configuration = configuration
    }

    func start() throws {
        // The notices say the same; a log would write over the view.
        let silent = Logger(label: "energyctl") { _ in SwiftLogNoOpLogHandler() }
        engine = try Engine(configuration: configuration, logger: silent)
        due = .now + configuration.firstInterval
    }

    func tick() async throws -> Snapshot {
        try await Task.sleep(until: due, tolerance: .zero, clock: .continuous)
        return try window()
    }

    /// RAPL advances every millisecond.
    private static let resolution = Duration.milliseconds(20)

    func measure() async throws -> Snapshot {
        try await Task.sleep(until: last + Self.resolution, tolerance: .zero, clock: .continuous)
        return try window()
    }

    private func window() throws -> Snapshot {
        guard let engine else { throw SourceFailure("the engine was not started") }
        var snapshot = try engine.tick()
        last = .now
        due = last + Self.shortestWindow
        snapshot.agent.notices.append("no agent is running: energyctl takes its own measurements, starting now")
        return snapshot
    }
}

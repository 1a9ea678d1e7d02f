import Linux
import Runs
import Snapshot

/// What a run is measured with.
enum RunMeter: Sendable {
    case agent(AgentClient)
    /// The engine in this process.
    case local(LocalEngine)

    /// nil for a source of another kind.
    init?(_ source: any SnapshotSource) {
        switch source {
        case let agent as AgentClient: self = .agent(agent)
        case let engine as LocalEngine: self = .local(engine)
        default: return nil
        }
    }

    /// In words.
    var name: String {
        switch self {
        case .agent(let client): "the agent at \(client.address)"
        case .local: "energyctl itself"
        }
    }

    /// Immediately before a command starts.
    func begin() async throws {
        if case .local(let engine) = self { _ = try await engine.measure() }
    }

    /// A snapshot from the time in which a command runs, a window after the last. Throws where there is none at present.
    func sample(every interval: Duration) async throws -> Snapshot {
        try await Task.sleep(for: interval)
        switch self {
        case .agent(let client): return try await client.next()
        case .local(let engine): return try await engine.measure()
        }
    }

    /// How long to wait at most for a snapshot that covers a moment of the past: longer than any interval.
    private static let patience = Duration.seconds(90)
    /// How often an agent is asked for it.
    private static let step = Duration.milliseconds(50)

    /// The first snapshot that has everything until a moment. From an agent it comes with its next tick.
    ///
    /// - Parameter end: Unix time, s; in the past.
    func snapshot(covering end: Double) async throws -> Snapshot {
        guard case .agent(let client) = self else {
            guard case .local(let engine) = self else { throw SourceFailure("nothing measures") }
            return try await engine.measure()
        }
        let first = try await client.next()
        var latest = first
        let deadline = ContinuousClock.now + Self.patience
        // The second tick from now on covers it in any case, also where the machine's clock was set meanwhile.
        while !latest.covers(unixTime: end), latest.sequence < first.sequence + 2 {
            try WaitingCommand.checkSignals()
            guard .now < deadline else {
                throw SourceFailure(
                    "\(client.address): no snapshot since the command ended: the agent has stopped sampling")
            }
            try await Task.sleep(for: max(Self.step, .seconds(latest.windowSeconds) / 20))
            latest = try await client.next()
        }
        return latest
    }
}

/// A signal that ends programs came while no command ran.
struct Interrupted: Error {
    let signal: Int32
}

extension WaitingCommand {
    /// Throws ``Interrupted`` after such a signal.
    static func checkSignals() throws(Interrupted) {
        if let signal = takeSignal() { throw Interrupted(signal: signal) }
    }
}

import Linux
import Runs
import Snapshot
import Terminal

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

    /// Immediately before a command starts. Returns when the process that measures began, Unix time, s: another one has not
    /// seen the beginning of the run.
    func begin() async throws -> Double? {
        switch self {
        case .agent(let client): try await client.next().agent.processStartUnixTime
        case .local(let engine): try await engine.measure().agent.processStartUnixTime
        }
    }

    /// Adds the power of a run's cgroup in the last window, an interval from now. Throws where it is not known at present.
    func sample(_ cgroup: RunCgroup, every interval: Duration, to peak: inout PowerPeak) async throws {
        try await Task.sleep(for: interval)
        switch self {
        case .agent(let client):
            let state = try await client.runState(cgroup)
            if let watts = state.workloads.first(where: { $0.cgroupId == cgroup.snapshotID })?.powerWatts {
                peak.add(watts, in: (state.unixTime - max(0, state.windowSeconds))...state.unixTime)
            }
        case .local(let engine): peak.add(try await engine.measure())
        }
    }

    /// How long to wait at most for a snapshot that covers a moment of the past: longer than any interval, and than an agent
    /// takes to be started again.
    private static let patience = Duration.seconds(90)
    /// How often an agent is asked for it.
    private static let step = Duration.milliseconds(50)
    /// How long an agent may be silent before that is reported.
    private static let silence = Duration.seconds(2)

    /// The first snapshot that has everything until a moment. From an agent it comes with its next tick; one that does
    /// not answer is asked again.
    ///
    /// - Parameters:
    ///   - end: Unix time, s; in the past.
    ///   - say: is handed what is being waited for, once.
    func snapshot(
        of cgroup: RunCgroup, covering end: Double, say: (String) throws -> Void
    ) async throws -> Snapshot {
        guard case .agent(let client) = self else {
            guard case .local(let engine) = self else { throw SourceFailure("nothing measures") }
            return try await engine.measure()
        }
        let start = ContinuousClock.now
        var (first, known): (UInt64?, UInt64?) = (nil, nil)
        var step = Self.step
        var hasSaid = false
        while true {
            try WaitingCommand.checkSignals()
            var failure: SourceFailure?
            do {
                // The whole snapshot once for each tick only.
                if try await client.runState(cgroup).sequence != known {
                    let snapshot = try await client.next()
                    known = snapshot.sequence
                    // The second tick from now on covers it in any case, also where the machine's clock was set meanwhile.
                    if snapshot.covers(unixTime: end) || snapshot.sequence >= first ?? .max { return snapshot }
                    first = first ?? .saturatingSum(snapshot.sequence, 2)
                    // The next one is expected a window after it; a signal is noticed within a second.
                    let window = max(0, snapshot.windowSeconds)
                    let left = min(snapshot.unixTime + window - WaitingCommand.unixTime, window, 1)
                    step = max(Self.step, .milliseconds(Int32(nearest: left * 1000)))
                } else {
                    step = Self.step
                }
            } catch let error as SourceFailure {
                failure = error
            }
            let waited = ContinuousClock.now - start
            guard waited < Self.patience else {
                throw failure
                    ?? SourceFailure(
                        "\(client.address): no snapshot since the command ended: the agent has stopped sampling")
            }
            if let failure, waited > Self.silence, !hasSaid {
                try say("waiting for the agent, \(Self.patience.components.seconds) s at most: \(failure)")
                hasSaid = true
            }
            try await Task.sleep(for: step)
        }
    }
}

extension AgentClient {
    /// What an agent says of a run in progress.
    struct RunState: Decodable {
        struct Workload: Decodable {
            var cgroupId: UInt64
            /// nil where it is not known.
            var powerWatts: Double?
        }

        var sequence: UInt64
        var unixTime: Double
        var windowSeconds: Double
        /// The cgroup of the run, once the agent has seen it.
        var workloads: [Workload]
    }

    /// A few hundred bytes, where a snapshot has megabytes.
    fileprivate func runState(_ cgroup: RunCgroup) async throws -> RunState {
        try await document(
            "/api/v1/workloads?filter=cgroup~\(cgroup.name)&fields=cgroupId,powerWatts", as: RunState.self)
    }
}

extension RunCgroup {
    /// Its number in snapshots, which do not mark those of version 1.
    var snapshotID: UInt64 { id & ~CgroupTree.legacyBit }
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

import Formatting
import Glibc
import Linux
import Runs
import Snapshot
import Terminal

/// Runs commands, one after the other, each in a cgroup of its own, and says what they used.
struct Runner: Sendable {
    let meter: RunMeter
    let placement: RunPlacement

    /// One run.
    struct Run: Sendable {
        var figures: RunFigures
        var exitCode: Int32
        var carbon: Snapshot.CarbonState
        /// That came while the command ran.
        var signal: Int32?
    }

    /// Time between two looks at the power while a command runs: the usual interval of the agent.
    private static let interval = Duration.seconds(1)

    /// A command has run, and what it used is not known.
    struct NotMeasured: Error {
        let exitCode: Int32
        let reason: String
    }

    /// Throws ``WaitingCommand/NotExecuted`` where there is no such program, ``Interrupted`` where a signal came,
    /// ``NotMeasured``, and ``SourceFailure`` for everything else: then the command has not run.
    ///
    /// - Parameter words: the program and its arguments.
    func run(_ words: [String]) async throws -> Run {
        try WaitingCommand.checkSignals()
        let command = try WaitingCommand(words)
        let placed = try await placement.place(command.process)
        defer { placed.cleanUp() }
        let processStart = try await meter.begin()
        try WaitingCommand.checkSignals()
        let (ending, peak) = try await watch(command, in: placed.cgroup)
        // Another one ends the measurement.
        let signal = WaitingCommand.takeSignal()
        let left = placed.cgroup.processes().count
        do {
            let snapshot = try await meter.snapshot(of: placed.cgroup, covering: ending.endUnixTime) {
                try Output.write(lines: ["energyctl run: \($0.printable())"], to: STDERR_FILENO)
            }
            var figures = try RunFigures(
                of: placed.cgroup.snapshotID, name: placed.cgroup.name, to: snapshot, processStart: processStart,
                wallSeconds: ending.wallSeconds)
            var windows = peak
            windows.add(snapshot)
            figures.peakWatts = windows.watts(until: ending.endUnixTime)
            figures.processesLeft = left
            return Run(figures: figures, exitCode: ending.code, carbon: snapshot.carbon, signal: signal)
        } catch let error as Interrupted {
            throw error
        } catch {
            throw NotMeasured(exitCode: ending.code, reason: "\(error)")
        }
    }

    /// Lets the command run to its end, and looks at its power meanwhile.
    private func watch(
        _ command: WaitingCommand, in cgroup: RunCgroup
    ) async throws -> (WaitingCommand.Ending, PowerPeak) {
        let start = WaitingCommand.unixTime
        return try await withThrowingTaskGroup(of: PowerPeak.self) { group in
            group.addTask { [meter] in
                var peak = PowerPeak(of: cgroup.snapshotID, since: start)
                while !Task.isCancelled {
                    // An agent that does not answer now may do so later, and the command runs in any case.
                    try? await meter.sample(cgroup, every: Self.interval, to: &peak)
                }
                return peak
            }
            let result = await Self.end(of: command)
            group.cancelAll()
            // It was not let run.
            if case .failure = result { try WaitingCommand.checkSignals() }
            let peak = try await group.next() ?? PowerPeak(of: cgroup.snapshotID, since: start)
            return (try result.get(), peak)
        }
    }

    private static func end(
        of command: WaitingCommand
    ) async -> Result<WaitingCommand.Ending, any Error> {
        await withCheckedContinuation { continuation in
            do {
                try NativeThread(blocksSignals: false) {
                    continuation.resume(returning: Result { try command.run() })
                }.detach()
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
}

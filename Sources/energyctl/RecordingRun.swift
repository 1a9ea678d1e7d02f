import Composition
import Engine
import Synchronization
import UnixSignals

/// Lets a recording engine tick, until its time is over or the user ends it.
struct RecordingRun {
    /// nil for no end.
    let length: Duration?
    let configuration: EngineConfiguration

    struct Outcome {
        /// Those that failed included.
        var ticks = 0
        var failures = 0
        /// Why the last of them failed.
        var lastFailure: (any Error)?
        var seconds = 0.0
    }

    /// SIGINT, SIGTERM and SIGHUP end it, as `body` does by returning false.
    ///
    /// - Parameter body: called after each tick with the time since the start, s.
    func run(_ engine: RecordingEngine, _ body: (Double) throws -> Bool) async throws -> Outcome {
        let clock = ContinuousClock()
        let start = clock.now
        let end = length.map { start + $0 }
        let stop = Stop()
        let signals = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) {
                stop.request()
                return
            }
        }
        defer { signals.cancel() }
        var schedule = TickSchedule(
            startingAt: start, firstInterval: configuration.firstInterval, interval: configuration.interval)
        var outcome = Outcome()
        // A tick that is due at the end is still made.
        while end.map({ schedule.deadline <= $0 + .milliseconds(10) }) ?? true,
            await stop.sleep(until: schedule.deadline)
        {
            outcome.ticks += 1
            do {
                _ = try engine.tick()
            } catch let failure as RecordingEngine.TickFailure {
                // As in the agent, the next tick covers both windows.
                outcome.failures += 1
                outcome.lastFailure = failure.reason
            }
            schedule.advance(at: clock.now)
            outcome.seconds = (clock.now - start) / .seconds(1)
            guard try body(outcome.seconds) else { break }
        }
        return outcome
    }
}

/// Wakes a loop that sleeps when the user has had enough.
private final class Stop: Sendable {
    private let state = Mutex((isRequested: false, sleeper: Task<Void, any Error>?.none))

    func request() {
        state.withLock { state in
            state.isRequested = true
            state.sleeper?.cancel()
        }
    }

    /// False where that was requested.
    func sleep(until deadline: ContinuousClock.Instant) async -> Bool {
        let sleeper = Task { try await Task.sleep(until: deadline, tolerance: .zero, clock: .continuous) }
        let isRequested = state.withLock { state in
            state.sleeper = sleeper
            return state.isRequested
        }
        if isRequested { sleeper.cancel() }
        return (try? await sleeper.value) != nil
    }
}

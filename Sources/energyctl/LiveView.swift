import ArgumentParser
import Glibc
import Snapshot
import Terminal

/// Everything that can happen to the live view.
private enum LiveEvent: Sendable {
    case terminal(TerminalEvent)
    case snapshot(Snapshot)
    case past(PastUse)
    case failure(String)
    /// No source can be asked any more.
    case nowhere(any Error)
    /// The interval that began as this number is over.
    case due(Int)
}

/// Runs the full-screen view until the user quits.
enum LiveView {
    /// What the view is made with.
    struct Setup: Sendable {
        var session: Session
        var usesMouse: Bool
        /// Checks the first snapshot, and what else the user asked for.
        var check: @Sendable (Snapshot) throws -> Void
        /// Keeps what the user has chosen; what went wrong, in words, or nil.
        var save: @Sendable (TopModel) -> String?
        /// Keeps the last reading for the next time.
        var remember: @Sendable (Snapshot) -> Void
    }

    /// Where readings come from: calls its argument with a source, which it opens and closes.
    typealias Connect =
        @Sendable (nonisolated(nonsending) (any SnapshotSource) async throws -> Void) async throws -> Void

    /// How often the agent is asked what it remembers: an hour later, another is usual.
    private static let pastInterval = Duration.seconds(600)

    /// Shows the view at once, and what `connect` provides as soon as it does. Returns when the user quits, the terminal
    /// being as it was before; SIGTERM and SIGHUP throw an `ExitCode`.
    static func run(_ setup: Setup, connect: @escaping Connect) async throws {
        let (events, send) = AsyncStream.makeStream(of: LiveEvent.self)
        let (requests, request) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let signal = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await connect { await answer(requests, from: $0, send: send) }
                } catch {
                    send.yield(.nowhere(error))
                }
            }
            request.yield()
            defer {
                request.finish()
                group.cancelAll()
            }
            return try await loop(events, send: send, request: request, setup: setup)
        }
        if let signal, signal != SIGINT {
            // As a shell reports it. Raising it again would do nothing: threads of the pool block signals.
            throw ExitCode(128 + signal)
        }
    }

    /// Sends a reading for each request, and beside that what is remembered, once there was one: it must not delay it.
    private static func answer(
        _ requests: AsyncStream<Void>, from source: any SnapshotSource, send: AsyncStream<LiveEvent>.Continuation
    ) async {
        await withDiscardingTaskGroup { group in
            var source = source
            var isFirst = true
            for await _ in requests {
                do {
                    send.yield(.snapshot(try await source.next()))
                    guard isFirst else { continue }
                    isFirst = false
                    group.addTask { [source] in await remember(source, send: send) }
                } catch {
                    send.yield(.failure("\(error)"))
                }
            }
            group.cancelAll()
        }
        var source = source
        await source.close()
    }

    private static func remember(
        _ source: any SnapshotSource, send: AsyncStream<LiveEvent>.Continuation
    ) async {
        repeat {
            if let past = await source.past() { send.yield(.past(past)) }
        } while (try? await Task.sleep(for: pastInterval)) != nil
    }

    /// Holds the screen; the signal that ended it, nil for a key.
    private static func loop(
        _ events: AsyncStream<LiveEvent>, send: AsyncStream<LiveEvent>.Continuation,
        request: AsyncStream<Void>.Continuation, setup: Setup
    ) async throws -> Int32? {
        var session = setup.session
        var timer = IntervalTimer { send.yield(.due($0)) }
        var screen = try Screen(usesMouse: setup.usesMouse)
        let input = try TerminalInput { send.yield(.terminal($0)) }
        defer {
            timer.stop()
            extendLifetime(input)
            if let latest = session.latest { setup.remember(latest) }
        }
        func restart() { timer.start(after: session.model.isPaused ? nil : session.model.interval) }
        func suspend() throws {
            try screen.give()
            input.stop()
            try screen.take()
        }
        try screen.show(session.render(TerminalSize.current()))
        for await event in events {
            switch event {
            case .terminal(.key(let key)):
                switch session.handle(key) {
                case .quit: return nil
                case .none: continue
                case .redraw, .mark: if key == .control("l") { screen.forget() }
                case .reschedule: restart()
                case .suspend: try suspend()
                case .copy(let text): try screen.send(Clipboard.sequence(text))
                case .save: session.model.remark = setup.save(session.model) ?? session.model.remark
                }
            case .terminal(.resized): screen.forget()
            case .terminal(.signal(SIGTSTP)): try suspend()
            // Continued after a stop that could not be seen coming: another program has the terminal by now.
            case .terminal(.signal(SIGCONT)): try screen.take()
            case .terminal(.signal(let signal)): return signal
            case .terminal(.closed): return SIGHUP
            case .due(let number):
                if timer.isCurrent(number) { request.yield() }
                continue
            case .snapshot(let new):
                if session.latest == nil { try setup.check(new) }
                session.take(new)
                restart()
            case .past(let past): session.take(past)
            case .failure(let text):
                session.message = .error(text)
                restart()
            case .nowhere(let error): throw error
            }
            try screen.show(session.render(TerminalSize.current()))
        }
        return nil
    }
}

/// Rings once, some time from now; starting it again forgets the time before.
private struct IntervalTimer {
    private let ring: @Sendable (Int) -> Void
    private var number = 0
    private var task: Task<Void, Never>?

    init(ring: @escaping @Sendable (Int) -> Void) {
        self.ring = ring
    }

    /// Nil `seconds`: never.
    mutating func start(after seconds: Double?) {
        stop()
        number += 1
        guard let seconds else { return }
        task = Task { [ring, number] in
            guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
            ring(number)
        }
    }

    mutating func stop() {
        task?.cancel()
        task = nil
    }

    /// False for a ring that was on its way when the timer was started anew.
    func isCurrent(_ number: Int) -> Bool {
        number == self.number
    }
}

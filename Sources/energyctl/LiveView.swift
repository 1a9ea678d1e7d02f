import ArgumentParser
import Glibc
import Snapshot
import Terminal

/// Everything that can happen to the live view.
private enum LiveEvent: Sendable {
    case terminal(TerminalEvent)
    case snapshot(Snapshot)
    case failure(String)
    /// The interval that began as this number is over.
    case due(Int)
}

/// Runs the full-screen view until the user quits.
enum LiveView {
    /// Takes `source` over and closes it. Returns when the user quits, the terminal being as it was before; SIGTERM and
    /// SIGHUP throw an `ExitCode`.
    ///
    /// - Parameter choosesGrouping: the first snapshot decides which rows to show.
    static func run(
        _ source: any SnapshotSource, model: TopModel, choosesGrouping: Bool, colour: Bool
    ) async throws {
        let (events, send) = AsyncStream.makeStream(of: LiveEvent.self)
        let (requests, request) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let signal = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var source = source
                for await _ in requests {
                    do {
                        send.yield(.snapshot(try await source.next()))
                    } catch {
                        send.yield(.failure("\(error)"))
                    }
                }
                await source.close()
            }
            request.yield()
            defer {
                request.finish()
                group.cancelAll()
            }
            return try await loop(
                events, send: send, request: request, model: model, choosesGrouping: choosesGrouping, colour: colour)
        }
        if let signal, signal != SIGINT {
            // As a shell reports it. Raising it again would do nothing: threads of the pool block signals.
            throw ExitCode(128 + signal)
        }
    }

    /// Holds the screen; the signal that ended it, nil for a key.
    private static func loop(
        _ events: AsyncStream<LiveEvent>, send: AsyncStream<LiveEvent>.Continuation,
        request: AsyncStream<Void>.Continuation, model: TopModel, choosesGrouping: Bool, colour: Bool
    ) async throws -> Int32? {
        var model = model
        var snapshot: Snapshot?
        var message: TopMessage? = .waiting("waiting for the first reading")
        var timer = IntervalTimer { send.yield(.due($0)) }

        let screen = try Screen()
        let input = try TerminalInput { send.yield(.terminal($0)) }
        defer {
            timer.stop()
            extendLifetime(input)
        }
        func draw() throws {
            let size = TerminalSize.current()
            let lines = TopView.render(
                snapshot: snapshot, message: message, model: &model, size: size, colour: colour)
            try screen.show(lines)
        }
        try draw()
        for await event in events {
            switch event {
            case .terminal(.key(let key)):
                switch model.handle(key) {
                case .quit: return nil
                case .none: continue
                case .redraw: break
                case .reschedule: timer.start(after: model.isPaused ? nil : model.interval)
                }
            case .terminal(.resized): break
            case .terminal(.signal(let signal)): return signal
            case .terminal(.closed): return SIGHUP
            case .due(let number):
                if timer.isCurrent(number) { request.yield() }
                continue
            case .snapshot(let new):
                model.groupings = Grouping.offered(by: new)
                if snapshot == nil, choosesGrouping { model.grouping = .suited(to: new) }
                if !model.isPaused || snapshot == nil { snapshot = new }
                message = nil
                timer.start(after: model.isPaused ? nil : model.interval)
            case .failure(let text):
                message = .error(text)
                timer.start(after: model.isPaused ? nil : model.interval)
            }
            try draw()
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

import Synchronization

/// A clock without time: what sleeps for the export interval waits for ``tick()``; other pauses are recorded, and end at
/// once unless they are ``hold``.
final class PushClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Self { Self(offset: offset + duration) }
        func duration(to other: Self) -> Duration { other.offset - offset }
        static func < (a: Self, b: Self) -> Bool { a.offset < b.offset }
    }

    /// Of the exports; no pause is as long.
    static let interval = Duration.seconds(77_777)

    private struct State {
        var pauses: [Double] = []
        var waiting: CheckedContinuation<Void, any Error>?
        var held: [CheckedContinuation<Void, any Error>] = []
        var holds = false
    }

    private let state = Mutex(State())

    var now: Instant { Instant(offset: .zero) }
    var minimumResolution: Duration { .nanoseconds(1) }

    /// The pauses between attempts so far, s.
    var pauses: [Double] { state.withLock(\.pauses) }
    /// Whether the next export is waited for.
    var isWaiting: Bool { state.withLock { $0.waiting != nil } }
    /// Whether a pause has begun that does not end.
    var isPausing: Bool { state.withLock { !$0.held.isEmpty } }

    /// From now on pauses do not end.
    func hold() { state.withLock { $0.holds = true } }

    /// Ends all pauses.
    func release() {
        let held = state.withLock { state in
            state.holds = false
            defer { state.held = [] }
            return state.held
        }
        for pause in held { pause.resume() }
    }

    func tick() {
        let waiting = state.withLock { state in
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let isExport = deadline.offset == Self.interval
        if !isExport {
            let ends = state.withLock { state in
                state.pauses.append(deadline.offset / .seconds(1))
                return !state.holds
            }
            if ends { return try Task.checkCancellation() }
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    if isExport { state.waiting = continuation } else { state.held.append(continuation) }
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let ended = state.withLock { state in
                defer { if isExport { state.waiting = nil } else { state.held = [] } }
                return isExport ? [state.waiting].compactMap(\.self) : state.held
            }
            for continuation in ended { continuation.resume(throwing: CancellationError()) }
        }
    }
}

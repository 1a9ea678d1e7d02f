import Synchronization

/// Work that runs when the test says that its time has come.
final class ManualSchedule: Sendable {
    private struct State {
        var now = 0.0
        var waiting: [(due: Double, work: @Sendable () -> Void)] = []
    }

    private let state = Mutex(State())

    /// Work that waits.
    var count: Int { state.withLock { $0.waiting.count } }

    var schedule: @Sendable (Double, @escaping @Sendable () -> Void) -> Void {
        { [self] seconds, work in state.withLock { $0.waiting.append(($0.now + seconds, work)) } }
    }

    /// Runs what is due within so many seconds, in order.
    func advance(by seconds: Double) {
        let end = state.withLock { $0.now + seconds }
        while let work = takeNext(before: end) { work() }
        state.withLock { $0.now = end }
    }

    private func takeNext(before end: Double) -> (@Sendable () -> Void)? {
        state.withLock { state in
            let next = state.waiting.indices.min { state.waiting[$0].due < state.waiting[$1].due }
            guard let next, state.waiting[next].due <= end else { return nil }
            state.now = max(state.now, state.waiting[next].due)
            return state.waiting.remove(at: next).work
        }
    }
}

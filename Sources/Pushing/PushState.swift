package import Snapshot
internal import Synchronization

/// The state of the sending of metrics, for the snapshot and the log.
package final class PushState: Sendable {
    /// What became of the last request.
    enum Outcome: Sendable {
        case accepted
        /// Accepted without some of its data points, or with a warning.
        case partial
        case refused
        /// Not accepted yet.
        case waiting
    }

    struct View: Sendable {
        var target: String
        var queuedRequests: UInt64 = 0
        var queuedBytes: UInt64 = 0
        var sentPoints: UInt64 = 0
        var rejectedPoints: UInt64 = 0
        var droppedPoints: UInt64 = 0
        var failures: UInt64 = 0
        /// nil before the first request.
        var outcome: Outcome?
        var lastError: String?
        var lastSuccess: ContinuousClock.Instant?
        var diskFault: String?
        /// Whether data points were dropped since the queue was empty.
        var isDropping = false
    }

    private let content: Mutex<View>

    /// - Parameter target: what is shown of the address: without credentials.
    package init(target: String) {
        content = Mutex(View(target: target))
    }

    var view: View { content.withLock(\.self) }

    func change<Value>(_ change: (inout View) -> Value) -> Value { content.withLock { change(&$0) } }

    /// - Parameters:
    ///   - sent: data points that were accepted.
    ///   - rejected: data points that were not, and are lost.
    ///   - reason: why; nil where all is well.
    /// - Returns: the outcome before.
    func note(_ outcome: Outcome, sent: UInt64 = 0, rejected: UInt64 = 0, _ reason: String? = nil) -> Outcome? {
        change { view in
            let before = view.outcome
            view.outcome = outcome
            view.sentPoints += sent
            view.rejectedPoints += rejected
            view.lastError = reason
            switch outcome {
            case .accepted, .partial: view.lastSuccess = .now
            case .refused, .waiting: view.failures += 1
            }
            return before
        }
    }

    package var snapshot: Snapshot.ExportState {
        let view = view
        var state = Snapshot.ExportState(target: view.target)
        state.queuedRequests = view.queuedRequests
        state.queuedBytes = view.queuedBytes
        state.sentPoints = view.sentPoints
        state.rejectedPoints = view.rejectedPoints
        state.droppedPoints = view.droppedPoints
        state.failures = view.failures
        state.lastError = view.lastError ?? view.diskFault
        state.ageSeconds = view.lastSuccess.map { (ContinuousClock.now - $0) / .seconds(1) }
        return state
    }
}

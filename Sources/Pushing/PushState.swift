package import Snapshot
internal import Synchronization

/// How the sending of metrics goes, for whoever shows it.
package final class PushState: Sendable {
    /// As the snapshot has it, and more.
    struct View: Sendable {
        var target: String
        var queuedRequests: UInt64 = 0
        var queuedBytes: UInt64 = 0
        var sentPoints: UInt64 = 0
        var rejectedPoints: UInt64 = 0
        var droppedPoints: UInt64 = 0
        var failures: UInt64 = 0
        var lastError: String?
        var lastSuccess: ContinuousClock.Instant?
        var diskFault: String?
    }

    private let content: Mutex<View>

    /// - Parameter target: what is shown of the address: without credentials.
    package init(target: String) {
        content = Mutex(View(target: target))
    }

    var view: View { content.withLock(\.self) }

    func change(_ change: (inout View) -> Void) { content.withLock { change(&$0) } }

    func succeed(points: UInt64, rejected: UInt64) {
        change { view in
            view.sentPoints += points
            view.rejectedPoints += rejected
            view.lastError = nil
            view.lastSuccess = .now
        }
    }

    func fail(_ reason: String, rejected: UInt64 = 0) {
        change { view in
            view.failures += 1
            view.rejectedPoints += rejected
            view.lastError = reason
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

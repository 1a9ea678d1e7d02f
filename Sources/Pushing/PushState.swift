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
        /// Of the queue.
        var inMemory = (requests: 0, points: 0)
        var onDisk = (requests: 0, points: 0)
        var damagedPoints: UInt64 = 0
        var log = OutageLog()
    }

    /// What is new about the queue.
    struct QueueChanges: Sendable {
        var beginsToDrop: Bool
        /// Data points that were lost in its directory.
        var damagedPoints: UInt64
        /// Why its directory cannot be used, from now on.
        var faultBegins: String?
        var faultEnds: Bool
    }

    private let content: Mutex<View>

    /// - Parameter target: what is shown of the address: without credentials.
    package init(target: String) {
        content = Mutex(View(target: target))
    }

    var view: View { content.withLock(\.self) }

    /// - Parameters:
    ///   - now: since any moment, the same each time.
    ///   - sent: data points that were accepted.
    ///   - rejected: data points that were not, and are lost.
    ///   - reason: why; nil where all is well.
    /// - Returns: whether it is to be logged.
    func note(
        _ outcome: Outcome, at now: Duration, sent: UInt64 = 0, rejected: UInt64 = 0, _ reason: String? = nil
    ) -> Bool {
        content.withLock { view in
            view.outcome = outcome
            view.sentPoints += sent
            view.rejectedPoints += rejected
            view.lastError = reason
            switch outcome {
            case .accepted, .partial: view.lastSuccess = .now
            case .refused, .waiting: view.failures += 1
            }
            switch outcome {
            case .accepted: return view.log.ends()
            case .partial: return view.log.begins(.partial, at: now)
            case .refused: return view.log.begins(.refused, at: now)
            case .waiting: return view.log.begins(.waiting, at: now)
            }
        }
    }

    func note(_ queue: PushQueue, at now: Duration) -> QueueChanges {
        content.withLock { view in
            let damaged = queue.damagedPoints - view.damagedPoints
            let hadNoRoom = queue.droppedPoints - view.droppedPoints > damaged
            let changes = QueueChanges(
                beginsToDrop: hadNoRoom && view.log.begins(.dropping, at: now), damagedPoints: damaged,
                faultBegins: view.diskFault == nil ? queue.diskFault : nil,
                faultEnds: view.diskFault != nil && queue.diskFault == nil)
            (view.queuedRequests, view.queuedBytes) = (UInt64(queue.count), UInt64(queue.size))
            (view.inMemory, view.onDisk) = (queue.inMemory, queue.onDisk)
            (view.droppedPoints, view.damagedPoints) = (queue.droppedPoints, queue.damagedPoints)
            view.diskFault = queue.diskFault
            return changes
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

internal import Synchronization

/// About how many connections wait for another request: as many as brought an answer, at most.
///
/// A request that is closed without an answer is worth another attempt only where it may have gone to one of these.
final class KeptConnections: Sendable {
    private let count = Mutex(0)
    private let most: Int

    init(atMost most: Int) {
        self.most = most
    }

    /// One has brought an answer.
    func add() {
        count.withLock { $0 = min($0 + 1, most) }
    }

    /// One was closed; false where there was none.
    func remove() -> Bool {
        count.withLock { count in
            guard count > 0 else { return false }
            count -= 1
            return true
        }
    }
}

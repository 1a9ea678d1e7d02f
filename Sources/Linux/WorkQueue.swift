/// Work by the time at which it is due; what is due at the same time keeps its order.
struct WorkQueue {
    typealias Work = @Sendable () -> Void

    /// Ascending.
    private var waiting: [(due: Double, work: Work)] = []

    /// When the first piece is due, s; nil for an empty queue.
    var nextDue: Double? { waiting.first?.due }

    /// O(log n) to find the place, O(n) to move what is due later.
    mutating func add(_ work: @escaping Work, due: Double) {
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].due <= due { low = middle + 1 } else { high = middle }
        }
        waiting.insert((due, work), at: low)
    }

    /// Removes what is due by `now` and returns it in order.
    mutating func take(by now: Double) -> [Work] {
        let due = waiting.prefix { $0.due <= now }
        waiting.removeFirst(due.count)
        return due.map(\.work)
    }
}

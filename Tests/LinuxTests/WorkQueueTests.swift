import Synchronization
import Testing

@testable import Linux

@Suite struct WorkQueueTests {
    private final class Log: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func note(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func workIsTakenWhenItIsDueAndInOrder() {
        let log = Log()
        var queue = WorkQueue()
        #expect(queue.nextDue == nil && queue.take(by: .infinity).isEmpty)
        for (name, due) in [("c", 2.0), ("a", 1), ("d", 2), ("b", 1), ("e", 3)] {
            queue.add({ log.note(name) }, due: due)
        }
        #expect(queue.nextDue == 1 && queue.take(by: 0.5).isEmpty)
        for work in queue.take(by: 2) { work() }
        #expect(log.all == ["a", "b", "c", "d"] && queue.nextDue == 3)
        for work in queue.take(by: 3) { work() }
        #expect(log.all.last == "e" && queue.nextDue == nil)
    }
}

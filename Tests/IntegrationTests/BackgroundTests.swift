import Linux
import Synchronization
import TestSupport
import Testing

/// Real threads: a test waits for what they do, and for their end.
@Suite struct WorkThreadTests {
    private final class Log: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func note(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func workRunsInTheOrderInWhichItIsDue() throws {
        let log = Log()
        let thread = try WorkThread()
        thread.run(after: 0.2) { log.note("later") }
        for name in ["one", "two"] { thread.run { log.note(name) } }
        #expect(eventually { log.all == ["one", "two", "later"] })
    }

    @Test func theThreadEndsWithItsOwnerAndReleasesItsWork() throws {
        nonisolated(unsafe) weak var seen: Log?
        var thread: WorkThread? = try WorkThread()
        do {
            let (log, waiting) = (Log(), Log())
            seen = log
            thread?.repeat(every: 0.01) { { log.note("again") } }
            thread?.run(after: 3600) { waiting.note("never") }
        }
        #expect(eventually { seen?.all.count ?? 0 >= 3 })
        #expect(thread != nil)
        thread = nil
        #expect(eventually { seen == nil })
    }
}

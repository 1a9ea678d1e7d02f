import Glibc
import Linux
import Synchronization
import Testing

@Suite struct BoundedWorkTests {
    @Test(.timeLimit(.minutes(1))) func workThatHangsIsLeftAloneUntilItIsDone() throws {
        let bounded = try BoundedWork()
        let done = Mutex(0)
        let count: @Sendable () -> Void = { done.withLock { $0 += 1 } }
        #expect(bounded.run(within: 30, count) && done.withLock(\.self) == 1)
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        let (hung, end) = (ends[0], ends[1])
        defer { close(hung) }
        #expect(
            !bounded.run(within: 0) {
                var byte: UInt8 = 0
                _ = read(hung, &byte, 1)
                count()
            })
        #expect(!bounded.run(within: 0, count) && done.withLock(\.self) == 1)
        close(end)
        // Refused until then; what was refused is never done.
        while !bounded.run(within: 30, count) {}
        #expect(done.withLock(\.self) == 3)
    }
}

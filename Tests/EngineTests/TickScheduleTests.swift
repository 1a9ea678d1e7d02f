import Engine
import Testing

@Suite struct TickScheduleTests {
    /// A point in time that a test chooses.
    private struct Moment: InstantProtocol {
        var time: Duration
        func advanced(by duration: Duration) -> Self { Self(time: time + duration) }
        func duration(to other: Self) -> Duration { other.time - time }
        static func < (a: Self, b: Self) -> Bool { a.time < b.time }
    }

    /// Deadlines of ticks that are done so long after they were due, ms.
    private func deadlines(_ delays: [Int64]) -> [Int64] {
        var schedule = TickSchedule(
            startingAt: Moment(time: .zero), firstInterval: .seconds(1), interval: .seconds(1))
        return delays.map { delay in
            schedule.advance(at: schedule.deadline.advanced(by: .milliseconds(delay)))
            return schedule.deadline.time.components.seconds * 1000
                + schedule.deadline.time.components.attoseconds / 1_000_000_000_000_000
        }
    }

    @Test func punctualTicksKeepTheGrid() {
        #expect(deadlines([1, 3, 0, 400]) == [2000, 3000, 4000, 5000])
    }

    @Test(arguments: [
        // Just late enough that the grid's next deadline is a millisecond away; several intervals late.
        (Int64(999), Int64(2999)), (5001, 7001), (1000, 3000),
    ]) func afterAStallAWholeIntervalFollows(_ delay: Int64, _ next: Int64) {
        #expect(deadlines([delay]) == [next])
        #expect(deadlines([delay, 0, 0]) == [next, next + 1000, next + 2000])
    }
}

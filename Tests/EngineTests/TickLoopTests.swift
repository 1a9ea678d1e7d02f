import Engine
import Logging
import TestSupport
import Testing

@Suite struct TickLoopTests {
    private struct Unreadable: Error, CustomStringConvertible { let description: String }

    /// Runs a loop with a tick every second; returns the moments of the ticks.
    private func run(ticks: Int, logger: Logger? = nil, _ tick: (Int, VirtualClock) throws -> Void) async -> [Duration]
    {
        let clock = VirtualClock(sleeps: ticks)
        let loop = TickLoop(
            clock: clock, firstInterval: .milliseconds(100), interval: .seconds(1),
            logger: logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var moments: [Duration] = []
        await loop.run {
            moments.append(clock.now.offset)
            try tick(moments.count, clock)
        }
        return moments
    }

    @Test func ticksComeEveryIntervalHoweverLongTheyTake() async {
        let moments = await run(ticks: 4) { $1.advance(by: .milliseconds(30)) }
        #expect(moments == [.milliseconds(100), .milliseconds(1100), .milliseconds(2100), .milliseconds(3100)])
    }

    @Test func aStallIsFollowedByAWholeWindow() async {
        let moments = await run(ticks: 3) { number, clock in
            if number == 1 { clock.advance(by: .milliseconds(2999)) }
        }
        #expect(moments == [.milliseconds(100), .milliseconds(4099), .milliseconds(5099)])
    }

    @Test func aTickThatFailsIsLoggedOnceAndTriedAgain() async {
        let log = LogRecorder()
        let logger = Logger(label: "test") { _ in log }
        let moments = await run(ticks: 6, logger: logger) { number, _ in
            if (2...4).contains(number) { throw Unreadable(description: "no /proc") }
        }
        #expect(moments.count == 6)
        #expect(log.messages == ["error cannot sample: no /proc", "notice sampling works again"])
    }
}

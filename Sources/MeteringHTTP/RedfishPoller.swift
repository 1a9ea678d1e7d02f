internal import Attribution
internal import Fetching
package import Metering
internal import NIOCore
internal import NIOPosix
internal import Units

/// Reads a BMC's power periodically and leaves it in a mailbox: BMCs take seconds to answer.
package struct RedfishPoller: Sendable {
    package let mailbox = PowerMailbox()
    private let settings: RedfishSettings
    private let clock: any Clock<Duration>

    /// - Parameter clock: measures the time between two readings.
    package init(_ settings: RedfishSettings, clock: any Clock<Duration> = ContinuousClock()) {
        self.settings = settings
        self.clock = clock
    }

    /// Polls until the task is cancelled.
    package func run() async {
        // One thread, not one per CPU, and only while it polls.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        await withTaskGroup(of: RedfishEvent.self) { tasks in
            var rounds = RedfishRounds(settings, mailbox: mailbox, group: group, clock: clock)
            tasks.addTask { .turn }
            while let event = await tasks.next(), !Task.isCancelled {
                if case .ended = event { break }
                await rounds.handle(event, &tasks)
            }
            tasks.cancelAll()
            await tasks.waitForAll()
            await rounds.close()
        }
        try? await group.shutdownGracefully()
    }
}

/// What the poller waits for.
enum RedfishEvent: Sendable {
    /// It is time for a reading.
    case turn
    /// Chassis that have not answered by now are no longer waited for.
    case patienceIsOver
    /// A chassis was read, or could not be.
    case chassis(String, Result<ChassisTable.Answer, RedfishFault>)
    /// The clock was cancelled.
    case ended
}

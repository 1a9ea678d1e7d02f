internal import Glibc
internal import Linux
package import Units

/// A thread that does something again and again: for meters whose reading may take long. It ends with the last
/// reference to the poller, after the reading in progress.
package final class BackgroundPoller: Sendable {
    /// The thread sleeps on the other end; closing this one ends it.
    private let wake: Int32

    /// - Parameter makeWork: called once, on the thread; what it returns is called at once and then every `interval`.
    package init?(every interval: Seconds, _ makeWork: @escaping @Sendable () -> () -> Void) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wake = ends[1]
        let (end, milliseconds) = (ends[0], Int32(min(max(interval.value, 0.1), 3600) * 1000))
        do throws(HostError) {
            try NativeThread { Self.run(makeWork, every: milliseconds, until: end) }.detach()
        } catch {
            // What was initialised is closed by `deinit`.
            close(end)
            return nil
        }
    }

    deinit {
        close(wake)
    }

    /// - Parameter end: readable once the other end is closed.
    private static func run(
        _ makeWork: @Sendable () -> () -> Void, every milliseconds: Int32, until end: Int32
    ) {
        let work = makeWork()
        var descriptor = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
        repeat {
            work()
        } while poll(&descriptor, 1, milliseconds) == 0
        close(end)
    }
}

internal import Glibc
package import Units

/// A thread that does something again and again: for meters whose reading may take long. It ends with the last
/// reference to the poller, after the reading in progress.
package final class BackgroundPoller: Sendable {
    /// The thread sleeps on the other end; closing this one ends it.
    private let wake: Int32

    /// What the thread needs.
    private final class Order: Sendable {
        let end: Int32
        let milliseconds: Int32
        let makeWork: @Sendable () -> () -> Void

        init(end: Int32, milliseconds: Int32, makeWork: @escaping @Sendable () -> () -> Void) {
            self.end = end
            self.milliseconds = milliseconds
            self.makeWork = makeWork
        }
    }

    /// - Parameter makeWork: called once, on the thread; what it returns is called at once and then every `interval`.
    package init?(every interval: Seconds, _ makeWork: @escaping @Sendable () -> () -> Void) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wake = ends[1]
        let order = Order(
            end: ends[0], milliseconds: Int32(min(max(interval.value, 0.1), 3600) * 1000), makeWork: makeWork)
        var thread = pthread_t()
        // Signals are for the main thread.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        let context = Unmanaged.passRetained(order)
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                BackgroundPoller.run(Unmanaged<Order>.fromOpaque(context).takeRetainedValue())
                return nil
            }, context.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard result == 0 else {
            context.release()
            close(ends[0])
            close(ends[1])
            return nil
        }
        pthread_detach(thread)
    }

    deinit {
        close(wake)
    }

    private static func run(_ order: Order) {
        let work = order.makeWork()
        var descriptor = pollfd(fd: order.end, events: Int16(POLLIN), revents: 0)
        repeat {
            work()
        } while poll(&descriptor, 1, order.milliseconds) == 0
        close(order.end)
    }
}

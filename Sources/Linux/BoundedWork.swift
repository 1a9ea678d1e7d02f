internal import Glibc
internal import Synchronization

/// Work that may hang, such as writing to a disk: it is done on a thread of its own, and the caller waits for a moment only.
package final class BoundedWork: Sendable {
    private let thread: WorkThread
    private let isRunning = Mutex(false)
    /// A byte for each piece that is done.
    private let (waitEnd, doneEnd): (Int32, Int32)

    /// - Throws: where the kernel has no thread or no descriptor to give.
    package init() throws(HostError) {
        thread = try WorkThread()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw HostError(errno: errno, path: "pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (waitEnd, doneEnd) = (ends[0], ends[1])
    }

    deinit {
        // While a piece is under way it has a reference to this object.
        close(waitEnd)
        close(doneEnd)
    }

    /// False where `work` is not done within `seconds`, or was not begun because an earlier piece still is not done.
    package func run(within seconds: Double, _ work: @escaping @Sendable () -> Void) -> Bool {
        let isFree = isRunning.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard isFree else { return false }
        // Bytes of pieces that were not waited for.
        while wait(0), takeByte() {}
        thread.run { [self] in
            work()
            isRunning.withLock { $0 = false }
            var byte: UInt8 = 0
            _ = write(doneEnd, &byte, 1)
        }
        return wait(seconds)
    }

    private func takeByte() -> Bool {
        var byte: UInt8 = 0
        return read(waitEnd, &byte, 1) == 1
    }

    /// True once a piece is done.
    private func wait(_ seconds: Double) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var waiting = pollfd(fd: waitEnd, events: Int16(POLLIN), revents: 0)
        while true {
            let rest = max(0, (deadline - .now) / .milliseconds(1))
            let count = poll(&waiting, 1, Int32(rest.rounded(.up)))
            if count >= 0 || errno != EINTR { return count > 0 }
        }
    }
}

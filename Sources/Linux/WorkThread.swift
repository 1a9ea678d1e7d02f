internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread for work that may block: files on a file system that hangs, meters that take seconds, long computations.
///
/// Work runs in the order in which it is due, one piece after the other. The thread ends with the last reference to this
/// object, after the piece in progress; what still waits is dropped.
package final class WorkThread: Sendable {
    private let line: Line

    /// Starts the thread.
    ///
    /// - Throws: where the kernel has no thread or no descriptor to give.
    package init() throws(HostError) {
        let line = try Line()
        try NativeThread { line.serve() }.detach()
        self.line = line
    }

    deinit {
        line.end()
    }

    /// Lets the other threads of the machine go first from now on: its work is long, and may wait.
    package func yieldToOthers() {
        run { energyd_yield_to_others(5) }
    }

    /// Adds work and returns at once.
    ///
    /// - Parameter seconds: time until it is due.
    package func run(after seconds: Double = 0, _ work: @escaping @Sendable () -> Void) {
        line.add(work, after: seconds)
    }

    /// Adds work that is done at once and then again and again, for as long as this object lives.
    ///
    /// - Parameters:
    ///   - interval: time from the end of one to the start of the next, s.
    ///   - makeWork: called once, on the thread: what it returns may have state that only the thread sees.
    package func `repeat`(every interval: Double, _ makeWork: @escaping @Sendable () -> () -> Void) {
        line.add(
            { [weak line] in
                // Only this thread ever calls it.
                nonisolated(unsafe) let work = makeWork()
                line?.repeat(every: interval) { work() }
            }, after: 0)
    }
}

/// What the thread and its owner share.
private final class Line: Sendable {
    private struct State {
        var queue = WorkQueue()
        var hasEnded = false
    }

    private let state = Mutex(State())
    /// The thread sleeps on the first end; a byte in the second one wakes it.
    private let (sleepEnd, wakeEnd): (Int32, Int32)

    init() throws(HostError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw HostError(code: .other(errno), path: "pipe", detail: String(cString: strerror(errno)))
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (sleepEnd, wakeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(sleepEnd)
        close(wakeEnd)
    }

    func add(_ work: @escaping WorkQueue.Work, after seconds: Double) {
        let due = Self.now + seconds
        state.withLock { $0.queue.add(work, due: due) }
        wake()
    }

    func `repeat`(every interval: Double, _ work: @escaping WorkQueue.Work) {
        work()
        add({ [weak self] in self?.repeat(every: interval, work) }, after: interval)
    }

    func end() {
        state.withLock { $0.hasEnded = true }
        wake()
    }

    /// Where the pipe is full the thread wakes anyway.
    private func wake() {
        var byte: UInt8 = 0
        _ = write(wakeEnd, &byte, 1)
    }

    /// The life of the thread.
    func serve() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while true {
            let now = Self.now
            let (due, next, hasEnded) = state.withLock { state in
                let due = state.queue.take(by: now)
                return (due, state.queue.nextDue, state.hasEnded)
            }
            for work in due where !state.withLock(\.hasEnded) { work() }
            if hasEnded { return }
            guard due.isEmpty else { continue }
            var sleeper = pollfd(fd: sleepEnd, events: Int16(POLLIN), revents: 0)
            // Rounded up, or the thread would spin through the last millisecond.
            let milliseconds = next.map { Int32(min(($0 - now) * 1000 + 1, 1e9)) } ?? -1
            if poll(&sleeper, 1, milliseconds) > 0 { _ = read(sleepEnd, &bytes, bytes.count) }
        }
    }

    /// `CLOCK_MONOTONIC`, s.
    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

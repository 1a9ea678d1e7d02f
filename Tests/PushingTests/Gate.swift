import Glibc
import Synchronization
import TestSupport

/// Holds the threads that pass it while it is closed, as a file system that hangs does.
final class Gate: Sendable {
    /// Open while there is a byte in the pipe.
    private let (waitEnd, openEnd): (Int32, Int32)
    private let holding = Mutex(0)

    init(isOpen: Bool) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure("no pipe") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (waitEnd, openEnd) = (ends[0], ends[1])
        if isOpen { open() }
    }

    deinit {
        Glibc.close(waitEnd)
        Glibc.close(openEnd)
    }

    var isHolding: Bool { holding.withLock { $0 > 0 } }

    func open() {
        var byte: UInt8 = 0
        _ = write(openEnd, &byte, 1)
    }

    func close() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(waitEnd, &bytes, bytes.count) > 0 {}
    }

    func pass() {
        holding.withLock { $0 += 1 }
        defer { holding.withLock { $0 -= 1 } }
        var waiting = pollfd(fd: waitEnd, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, -1) < 0 {}
    }
}

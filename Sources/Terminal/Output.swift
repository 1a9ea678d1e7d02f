import Glibc

/// Writes to a file descriptor past the C library's buffers.
package enum Output {
    /// Writing failed; `errno` has the reason.
    package struct Failure: Error, CustomStringConvertible {
        package var errno: Int32

        /// The reader closed the pipe, as `head` does: not an error.
        package var isClosedPipe: Bool { errno == EPIPE }

        package var description: String {
            "cannot write the output: \(String(cString: strerror(errno)))"
        }
    }

    /// Writes all of `bytes`, with one `write(2)` if the kernel takes them at once.
    package static func write(_ bytes: [UInt8], to descriptor: Int32 = STDOUT_FILENO) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                // Another process made the terminal non-blocking (it is shared with all of them).
                var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&poller, 1, -1)
            } else if errno != EINTR {
                throw Failure(errno: errno)
            }
        }
    }

    /// Writes `lines`, each with a line feed.
    package static func write(lines: [String], to descriptor: Int32 = STDOUT_FILENO) throws(Failure) {
        var bytes: [UInt8] = []
        for line in lines {
            bytes.append(contentsOf: line.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
        try write(bytes, to: descriptor)
    }
}

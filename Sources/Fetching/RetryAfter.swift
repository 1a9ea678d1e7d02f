internal import Glibc

/// How long a server asks its clients to wait: RFC 9110, 10.2.3.
package enum RetryAfter {
    /// nil where it does not say, or in no way that HTTP knows.
    ///
    /// - Parameters:
    ///   - header: the value of `Retry-After`: seconds or a date.
    ///   - now: Unix time, s.
    package static func pause(_ header: String?, now: Double) -> Duration? {
        guard let header else { return nil }
        if !header.isEmpty, header.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More than any number of digits can say is for ever.
            return .seconds(Int(UInt32(header) ?? .max))
        }
        return HTTPDate.unixTime(header, now: now).map { .seconds(max(0, $0 - now)) }
    }
}

extension FetchHead {
    /// How long the server asks to wait before the next request; nil where it does not.
    package var pause: Duration? {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return RetryAfter.pause(first("Retry-After"), now: Double(now.tv_sec) + Double(now.tv_nsec) / 1e9)
    }
}

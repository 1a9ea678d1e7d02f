/// Why a request brought no answer, in words for users: without the insides of the libraries below.
///
/// The caller adds what was asked, and what to do about it, because only it knows the names of its settings.
package struct FetchFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        /// Nothing listens there.
        case refused
        /// A socket file that is not there.
        case missing
        /// The kernel does not let this user connect.
        case notPermitted
        case nameNotFound
        /// No route, or the network is down.
        case noRoute
        /// No connection, no answer, or an answer that does not end.
        case timedOut
        /// An answer that began, and then nothing more came of it.
        case silent
        /// The certificate was not accepted.
        case notTrusted
        /// The other side speaks no TLS, or none that this side accepts.
        case noTLS
        case notHTTP
        case tooLarge
        /// Closed or reset before the answer was complete.
        case closed
        case other
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension Duration {
    /// `15 s`, `0.5 s`.
    var inWords: String {
        let tenths = Int((self / .milliseconds(100)).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}

/// `64 MiB`, `1000 bytes`.
func sizeInWords(_ bytes: Int) -> String {
    for (unit, name) in [(1 << 20, "MiB"), (1 << 10, "KiB")] where bytes >= unit && bytes % unit == 0 {
        return "\(bytes / unit) \(name)"
    }
    return "\(bytes) bytes"
}

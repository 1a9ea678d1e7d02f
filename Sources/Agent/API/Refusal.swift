internal import Hummingbird
internal import NIOHTTP1

/// Why ``HeadCheck`` does not let a request through. ``RequestCheck`` answers it, in its turn among the requests of its
/// connection, and the connection ends.
enum Refusal: String, CaseIterable {
    case ambiguousHost, foreignHost, malformed, timeout, bodyTooLarge, uriTooLong, unknownExpectation, headTooLarge
    case unknownMethod, unknownCoding, unknownVersion

    /// Takes the place of the request's `Host`, which is how it gets past the server library: a name that no host has.
    var authority: String { rawValue + Self.suffix }

    init?(authority: String?) {
        guard let authority, authority.hasSuffix(Self.suffix) else { return nil }
        self.init(rawValue: String(authority.dropLast(Self.suffix.count)))
    }

    private static let suffix = ".refused.invalid"

    init(_ error: HTTPParserError, isInURI: Bool) {
        self =
            switch error {
            case .headerOverflow: isInURI ? .uriTooLong : .headTooLarge
            case .invalidMethod: .unknownMethod
            case .invalidVersion: .unknownVersion
            // Of `Transfer-Encoding`: the decoder has no name for it.
            case .unknown: .unknownCoding
            default: .malformed
            }
    }

    var problem: Problem {
        switch self {
        case .ambiguousHost:
            Problem(.badRequest, cause: "the request does not have exactly one Host", remedy: "send one")
        case .foreignHost:
            Problem(
                .forbidden, cause: "this address answers to localhost, 127.0.0.1 and [::1], not to the name in Host",
                remedy: "--web.hosts allows more")
        case .malformed: Problem(.badRequest, cause: "this is not an HTTP request", remedy: "see RFC 9112")
        case .timeout:
            Problem(
                .requestTimeout,
                cause: "the request was not complete after \(HeadCheck.readTimeout.nanoseconds / 1_000_000_000) s",
                remedy: "send it faster")
        case .bodyTooLarge:
            Problem(
                .contentTooLarge, cause: "the request has a body of more than \(HeadCheck.largestBody) bytes",
                remedy: "send none: nothing here reads it")
        case .uriTooLong:
            Problem(
                .uriTooLong, cause: "the URI has more than \(HeadCheck.longestURI) bytes", remedy: "send a shorter one")
        case .unknownExpectation:
            Problem(.expectationFailed, cause: "only 100-continue can be expected", remedy: "leave Expect out")
        case .headTooLarge:
            Problem(
                .requestHeaderFieldsTooLarge,
                cause: "the headers have more than \(HeadCheck.largestHead) bytes or \(HeadCheck.mostHeaders) lines",
                remedy: "send fewer")
        case .unknownMethod:
            Problem(.notImplemented, cause: "there is no such method", remedy: "use GET or HEAD")
        case .unknownCoding:
            Problem(.notImplemented, cause: "the transfer coding is not known", remedy: "send no body")
        case .unknownVersion:
            Problem(
                .httpVersionNotSupported, cause: "only HTTP/1.1 and HTTP/1.0 are spoken here", remedy: "use HTTP/1.1")
        }
    }
}

internal import Fetching

/// Why a request failed.
enum APIError: Error, CustomStringConvertible {
    /// The token was rejected; it may have expired.
    case unauthorized
    /// The requested version is too old: list again.
    case gone
    /// Too many requests; the pause that the server asks for, s.
    case throttled(Double?)
    case status(Int)
    /// A watch that was accepted, and then nothing more came.
    case silent(String)
    case other(String)

    var description: String {
        switch self {
        case .unauthorized: "HTTP 401: the token was rejected; see --kubernetes.token-file"
        case .gone: "HTTP 410: the requested version is too old"
        case .throttled: "HTTP 429: too many requests"
        case .status(403): "HTTP 403: not permitted to read pods; see deploy/kustomize/overlays"
        case .status(let code) where (300..<400).contains(code):
            "HTTP \(code): a redirect, which does not get the token; check --kubernetes.url"
        case .status(let code): "HTTP \(code)"
        case .silent(let text), .other(let text): text
        }
    }

    /// Nil where the status is that of an answer to read.
    init?(_ head: FetchHead) {
        switch head.status {
        case 200, 201: return nil
        case 401: self = .unauthorized
        case 410: self = .gone
        case 429, 503: self = .throttled(head.pause.map { $0 / .seconds(1) })
        default: self = .status(head.status)
        }
    }

    init(_ failure: FetchFailure) {
        switch failure.code {
        case .silent: self = .silent("\(failure)")
        case .notTrusted: self = .other("\(failure): check --kubernetes.ca-file")
        case .refused, .noRoute, .nameNotFound, .timedOut, .noTLS, .notHTTP:
            self = .other("\(failure): check --kubernetes.url")
        default: self = .other("\(failure)")
        }
    }
}

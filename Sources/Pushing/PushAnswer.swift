internal import Linux

/// What an answer of a collector means: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
package enum PushAnswer: Sendable, Equatable {
    /// Accepted, but for so many data points, with the collector's reason. Those must not be sent again.
    case accepted(rejected: UInt64, String)
    /// To be sent again, after `after` where the collector says so.
    case later(String, after: Duration?)
    /// Not to be sent again.
    case refused(String)
    /// More bytes than the collector accepts in one request.
    case tooLarge

    /// - Parameters:
    ///   - pause: what it asks for by `Retry-After`.
    ///   - body: as much of it as came.
    package init(status: Int, contentType: String?, pause: Duration?, body: [UInt8]) {
        let type = contentType?.lowercased() ?? ""
        let body = Body(bytes: body, isJSON: type.contains("json"), isText: type.hasPrefix("text/"))
        switch status {
        case 200..<300 where type.hasPrefix("text/html"):
            self = .refused("its answer is a web page: no receiver of OTLP/HTTP is there")
        case 200..<300:
            let partial = body.partialSuccess
            self = .accepted(rejected: partial.rejected, printable(partial.message, limit: 200))
        case 429, 502, 503, 504:
            self = .later("HTTP \(status)\(body.words)", after: pause)
        case 413: self = .tooLarge
        default: self = .refused("HTTP \(status)\(body.words)\(Self.remedy(status))")
        }
    }

    private static func remedy(_ status: Int) -> String {
        switch status {
        case 300..<400: " (redirects are not followed: set the endpoint to the address that it names)"
        case 401, 403, 407: " (are the headers and the certificate those that it asks for?)"
        case 404, 405: " (is the path right? A collector has /v1/metrics)"
        default: ""
        }
    }
}

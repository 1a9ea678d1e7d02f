internal import Formatting
internal import Hummingbird
internal import NIOCore
internal import Snapshot

/// Why a request was not answered as asked: for programs below `/api` as RFC 9457 has it, for others in one line.
struct Problem: Codable, Sendable {
    var title: String
    var status: Int
    /// Cause and remedy in one sentence, for people.
    var detail: String
    /// The parameter that is wrong; nil where it is not about one.
    var parameter: String?
    var cause: String
    var remedy: String

    static let mediaType = "application/problem+json"

    init(_ status: HTTPResponse.Status, cause: String, remedy: String, parameter: String? = nil) {
        title = status.reasonPhrase
        self.status = status.code
        detail = (parameter.map { "\($0): " } ?? "") + "\(cause); \(remedy)"
        self.parameter = parameter
        self.cause = cause
        self.remedy = remedy
    }

    /// - Parameter path: of the request, which decides on the form.
    func response(to path: String) -> Response {
        let isProgram = path == "/api" || path.hasPrefix("/api/")
        let body = isProgram ? Self.json(self) : ByteBuffer(string: "\(title.lowercased()): \(detail)\n")
        return Response(
            status: .init(code: status),
            headers: [.contentType: isProgram ? Self.mediaType : MediaType.text, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: body))
    }

    /// The same, to be repeated after a second.
    func responseWithRetry(to path: String, after seconds: Int = 1) -> Response {
        var answer = response(to: path)
        answer.headers[.retryAfter] = "\(seconds)"
        return answer
    }

    private static func json(_ problem: Problem) -> ByteBuffer {
        // Of text and a whole number: nothing in it can fail.
        let bytes = try? ByteSink.collect { try JSONStream.write(problem, to: $0) }
        return ByteBuffer(bytes: bytes ?? [])
    }
}

/// Types of bodies.
enum MediaType {
    static let text = "text/plain; charset=utf-8"
    static let html = "text/html; charset=utf-8"
    static let json = "application/json"
    static let events = "text/event-stream"
}

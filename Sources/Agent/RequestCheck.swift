internal import Hummingbird

/// Refuses requests before any route sees them: of pages that borrow the name of a loopback address, and with methods
/// that a route does not have.
struct RequestCheck: RouterMiddleware {
    typealias Context = BasicRequestContext

    /// Every path with a route; each can be read and nothing else.
    let paths: Set<String>

    @concurrent func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        if request.head.authority == HeadCheck.refusedHost {
            return plain(.badRequest, "bad request: exactly one Host is needed\n")
        }
        if request.head.authority == HeadCheck.foreignHost {
            return plain(
                .forbidden,
                "forbidden: this address answers to localhost, 127.0.0.1 and [::1], not to the name in Host; "
                    + "--web.hosts allows more\n")
        }
        if paths.contains(request.uri.path), request.method != .get, request.method != .head {
            var answer = plain(.methodNotAllowed, "method not allowed: only GET and HEAD\n")
            answer.headers[.allow] = "GET, HEAD"
            return answer
        }
        return try await next(request, context)
    }

    private func plain(_ status: HTTPResponse.Status, _ words: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: .init(string: words)))
    }
}

internal import Hummingbird
internal import Telemetry

/// Refuses requests before any route sees them: those that ``HeadCheck`` marked, those of routes that do not exist, and
/// those that a route cannot answer as asked.
struct RequestCheck: RouterMiddleware {
    typealias Context = AgentContext

    @concurrent func handle(
        _ request: Request, context: AgentContext,
        next: @concurrent (Request, AgentContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        let answer =
            if let refusal = Refusal(authority: request.head.authority) {
                refusal.problem.response(to: path)
            } else if let refused = Self.refused(request) {
                refused
            } else {
                try await next(request, context)
            }
        // The library leaves the bodies of other answers than a route's.
        return request.method == .head ? answer.createHeadResponse() : answer
    }

    /// The answer for a path that no route has.
    static func nothing(at path: String) -> Response {
        Problem(
            .notFound, cause: "there is nothing here",
            remedy: path.hasPrefix("/api") ? "see /api/v1/openapi.json for the paths" : "see / for the paths"
        ).response(to: path)
    }

    /// nil for a request that a route can answer.
    private static func refused(_ request: Request) -> Response? {
        let path = request.uri.path
        guard let endpoint = Endpoint(path: path) else { return nothing(at: path) }
        guard request.method == .get || request.method == .head else {
            var answer = Problem(
                .methodNotAllowed, cause: "nothing can be changed here", remedy: "use GET or HEAD"
            ).response(to: path)
            answer.headers[.allow] = "GET, HEAD"
            return answer
        }
        guard let type = endpoint.onlyType, !AcceptHeader(request.headers[.accept]).takes(type: type) else {
            return nil
        }
        return Problem(
            .notAcceptable, cause: "Accept excludes \(type), and there is no other form",
            remedy: "send Accept: \(type), or none"
        ).response(to: path)
    }
}

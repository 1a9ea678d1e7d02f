internal import Hummingbird
internal import Telemetry

/// Refuses requests before any route sees them: those that ``HeadCheck`` marked, those of routes that do not exist, and
/// those that a route cannot answer as asked.
struct RequestCheck: RouterMiddleware {
    typealias Context = AgentContext

    /// True at the socket, unless cgroups for runs are turned off.
    var takesRuns = false

    @concurrent func handle(
        _ request: Request, context: AgentContext,
        next: @concurrent (Request, AgentContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        let answer =
            if let refusal = Refusal(authority: request.head.authority) {
                refusal.problem.response(to: path)
            } else if let refused = request.uri.path == RunRoute.path ? runRefused(request) : Self.refused(request) {
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

    /// The same for a run, which is the one request that changes something.
    private func runRefused(_ request: Request) -> Response? {
        guard takesRuns else {
            return Problem(
                .notFound, cause: "cgroups for runs are not made here",
                remedy: "ask at the agent's socket, where --run.requests is not off"
            ).response(to: RunRoute.path)
        }
        guard request.method != .post else { return nil }
        var answer = Problem(.methodNotAllowed, cause: "a run is made here", remedy: "use POST").response(
            to: RunRoute.path)
        answer.headers[.allow] = "POST"
        return answer
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

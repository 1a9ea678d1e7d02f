internal import Hummingbird

/// Asks for credentials before any route sees a request, and adds the configured headers to every answer. Probes need
/// none: they say nothing but whether the agent works.
struct AccessCheck: RouterMiddleware {
    typealias Context = AgentContext

    let access: WebAccess
    /// Its streams end when the rules of who may read change.
    let feed: StreamFeed

    /// What everyone may read.
    static let open: Set = [Endpoint.health, .ready]

    @concurrent func handle(
        _ request: Request, context: AgentContext,
        next: @concurrent (Request, AgentContext) async throws -> Response
    ) async throws -> Response {
        let headers = access.headers
        do {
            var answer = try await answer(request, context, next)
            for (name, value) in headers { answer.headers.set(name, value) }
            return answer
        } catch var error as HTTPError {
            for (name, value) in headers { error.headers.set(name, value) }
            throw error
        }
    }

    private func answer(
        _ request: Request, _ context: AgentContext,
        _ next: @concurrent (Request, AgentContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        // What ``HeadCheck`` marked is refused in any case.
        if Endpoint(path: path).map(Self.open.contains) ?? false || Refusal(authority: request.head.authority) != nil {
            return try await next(request, context)
        }
        let client = HeadCheck.clientName.flatMap { request.headers[$0] } ?? ""
        let answer: Response
        // Before the rules are looked at: streams that begin after these have changed would not be ended.
        var context = context
        context.permission.epoch = feed.epoch
        switch await access.control.decide(request.headers[.authorization], from: client, for: path) {
        case .granted: return try await next(request, context)
        case .grantedUntil(let end):
            context.permission.end = end
            return try await next(request, context)
        case .refused:
            var refusal = Problem(
                .unauthorized, cause: "this agent asks who reads", remedy: "bring one of its passwords or tokens"
            ).response(to: path)
            refusal.headers[.wwwAuthenticate] = access.control.challenge
            answer = refusal
        case .forbidden:
            answer = Problem(
                .forbidden, cause: "Kubernetes does not let the owner of this token get \(path)",
                remedy: "bind a role with this path in nonResourceURLs"
            ).response(to: path)
        case .missing: answer = RequestCheck.nothing(at: path)
        case .later(let seconds):
            answer = Problem(
                .tooManyRequests, cause: "too many wrong passwords or tokens", remedy: "try again in \(seconds) s"
            ).responseWithRetry(to: path, after: seconds)
        case .unknown:
            answer = Problem(
                .serviceUnavailable, cause: "Kubernetes cannot be asked about this token",
                remedy: "the agent's log says why"
            ).responseWithRetry(to: path, after: 5)
        }
        return request.method == .head ? answer.createHeadResponse() : answer
    }
}

extension HTTPFields {
    fileprivate typealias Name = Element.Name

    /// Does nothing for what is no name.
    fileprivate mutating func set(_ name: String, _ value: String) {
        if let name = Name(name) { self[name] = value }
    }
}

extension HeadCheck {
    fileprivate static let clientName = HTTPFields.Element.Name(clientHeader)
}

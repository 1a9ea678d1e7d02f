internal import Engine
internal import Hummingbird
internal import NIOCore
internal import Querying
internal import Telemetry

/// The agent's HTTP interface. Every answer comes from the last snapshot, so that none of them costs the engine
/// anything, and reading twice gives the same.
struct Routes {
    let hub: SnapshotHub
    let bodies: SnapshotBodies
    var feed = StreamFeed()
    /// nil where none is kept.
    var history: HistoryDocuments?
    /// The description of the interface; throws where it cannot be made.
    var description: @Sendable () throws -> String = { try OpenAPI.document.get() }

    /// - Parameters:
    ///   - access: who may read; nil for everyone.
    ///   - connections: those of the server, which know whether a client is gone.
    ///   - runs: for the socket: makes cgroups for the runs of its clients; nil where none are made.
    func router(
        access: WebAccess? = nil, connections: ConnectionPool? = nil, runs: RunCgroups? = nil
    ) -> Router<AgentContext> {
        let router = Router(context: AgentContext.self, options: .autoGenerateHeadEndpoints)
        if let access { router.add(middleware: AccessCheck(access: access, feed: feed)) }
        router.add(middleware: RequestCheck(takesRuns: runs != nil))
        if let runs {
            let route = RunRoute(cgroups: runs)
            router.post(RouterPath(RunRoute.path)) { await route.answer($0, $1) }
        }
        for endpoint in Endpoint.allCases {
            router.get(RouterPath(endpoint.rawValue)) { request, context in
                do throws(QueryProblem) {
                    return try await answer(endpoint, request, context, connections)
                } catch {
                    return Problem(
                        .badRequest, cause: error.cause, remedy: error.remedy, parameter: error.parameter
                    ).response(to: request.uri.path)
                }
            }
        }
        return router
    }

    private func answer(
        _ endpoint: Endpoint, _ request: Request, _ context: AgentContext, _ connections: ConnectionPool?
    ) async throws(QueryProblem) -> Response {
        switch endpoint {
        case .index: return page(MediaType.html, indexPage)
        case .metrics:
            let (format, type) = TextFormat.negotiated(AcceptHeader(request.headers[.accept]))
            return await documents.answer(.metrics(format), type, to: request, varyBy: "Accept, Accept-Encoding")
        case .snapshot:
            return await documents.answer(.json, to: request)
        case .workloads:
            let query = try WorkloadQuery(QueryString(request.uri.query ?? ""))
            let channel = context.channel
            return await documents.answer(.workloads(query), to: request) {
                connections?.hasLeft(channel) ?? false
            }
        case .status:
            return await documents.answer(
                .status(Readiness(isReady: hub.isFresh, isAlive: hub.isAlive)), to: request)
        case .stream:
            let parameters = try QueryString(request.uri.query ?? "")
            let query = parameters.parameters.isEmpty ? nil : try WorkloadQuery(parameters)
            return StreamRoute(hub: hub, bodies: bodies, feed: feed).answer(
                query, to: request.uri.path, for: context.permission)
        case .history:
            let query = try HistoryQuery(QueryString(request.uri.query ?? ""))
            guard let history else { return HistoryDocuments.none(request.uri.path) }
            return await history.answer(query, to: request)
        case .description:
            do {
                return page(MediaType.json, try description())
            } catch {
                return Documents.failure(error, request.uri.path)
            }
        case .health:
            return hub.isAlive
                ? page(MediaType.text, "ok\n")
                : page(MediaType.text, "not alive: sampling has stopped; restart the agent\n", .serviceUnavailable)
        case .ready:
            if hub.isFresh { return page(MediaType.text, "ready\n") }
            return hub.latest == nil
                ? Documents.notReady(request.uri.path)
                : page(MediaType.text, "not ready: the last sample is too old\n", .serviceUnavailable)
        }
    }

    private var documents: Documents { Documents(hub: hub, bodies: bodies) }

    private func page(_ type: String, _ body: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}

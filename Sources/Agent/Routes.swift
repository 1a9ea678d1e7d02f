internal import Engine
internal import Hummingbird
internal import NIOCore
internal import Telemetry

/// The agent's HTTP interface. Every answer comes from the last snapshot, so that none of them costs the engine
/// anything, and reading twice gives the same.
struct Routes {
    let hub: SnapshotHub
    let bodies: SnapshotBodies

    private static let paths: Set = ["/", "/metrics", "/api/v1/snapshot", "/healthz", "/readyz"]

    func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestCheck(paths: Self.paths))
        router.get("/") { _, _ in
            response(.ok, "text/html; charset=utf-8", indexPage)
        }
        router.get("/metrics") { [bodies] request, _ in
            let (format, type) = TextFormat.negotiated(AcceptHeader(request.headers[.accept]))
            var answer = try await document(.metrics(format), type, bodies, for: request)
            answer.headers[.vary] = "Accept, Accept-Encoding"
            return answer
        }
        router.get("/api/v1/snapshot") { [bodies] request, _ in
            var answer = try await document(.json, "application/json", bodies, for: request)
            answer.headers[.vary] = "Accept-Encoding"
            return answer
        }
        router.get("/healthz") { [hub] _, _ in
            hub.isAlive
                ? response(.ok, text, "ok\n")
                : response(.serviceUnavailable, text, "not alive: sampling has stopped; restart the agent\n")
        }
        router.get("/readyz") { [hub] _, _ in
            if hub.isFresh { return response(.ok, text, "ready\n") }
            return hub.latest == nil
                ? notReady : response(.serviceUnavailable, text, "not ready: the last sample is too old\n")
        }
        return router
    }
}

private let text = "text/plain; charset=utf-8"

private var notReady: Response {
    var answer = response(.serviceUnavailable, text, "not ready: the first sample is not complete yet\n")
    answer.headers[.retryAfter] = "1"
    return answer
}

private func response(_ status: HTTPResponse.Status, _ type: String, _ body: String) -> Response {
    response(status, type, ByteBuffer(string: body))
}

/// The body of the last snapshot, compressed where the client takes that.
private func document(
    _ content: SnapshotBodies.Format.Content, _ type: String, _ bodies: SnapshotBodies, for request: Request
) async throws -> Response {
    let isCompressed = AcceptHeader(request.headers[.acceptEncoding]).takes(coding: "gzip")
    guard let body = try await bodies.body(.init(content: content, isCompressed: isCompressed)) else {
        return notReady
    }
    var answer = response(.ok, type, body)
    if isCompressed { answer.headers[.contentEncoding] = "gzip" }
    return answer
}

/// Sent in pieces: what a slow reader has not taken yet is shared with the others.
private func response(_ status: HTTPResponse.Status, _ type: String, _ body: SnapshotBodies.Body) -> Response {
    Response(
        status: status, headers: [.contentType: type, .cacheControl: "no-store"],
        body: ResponseBody(contentLength: body.buffer.readableBytes) { writer in
            for piece in body.pieces { try await writer.write(piece) }
            try await writer.finish(nil)
        })
}

private func response(_ status: HTTPResponse.Status, _ type: String, _ body: ByteBuffer) -> Response {
    Response(
        status: status, headers: [.contentType: type, .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: body))
}

private let indexPage = """
    <!doctype html>
    <html lang="en">
    <head><meta charset="utf-8"><title>energyd</title>
    <style>body{font:16px/1.5 system-ui,sans-serif;margin:3em auto;max-width:40em;padding:0 1em}</style></head>
    <body>
    <h1>energyd \(energydBuild)</h1>
    <p>Energy and CO2 of this node's containers, pods, services and processes.</p>
    <ul>
    <li><a href="/metrics">/metrics</a>: Prometheus metrics</li>
    <li><a href="/api/v1/snapshot">/api/v1/snapshot</a>: everything, as JSON</li>
    <li><a href="/readyz">/readyz</a>: 200 while samples are fresh</li>
    <li><a href="/healthz">/healthz</a>: 200 while the agent is alive</li>
    </ul>
    <p>On the node: <code>energyctl top</code></p>
    </body></html>

    """

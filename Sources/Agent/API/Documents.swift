internal import Engine
internal import Hummingbird
internal import NIOCore
internal import Telemetry

/// Answers that are made from the last snapshot: once for all who ask, compressed for those who take that, and not sent
/// to those who have them.
struct Documents {
    let hub: SnapshotHub
    let bodies: SnapshotBodies

    /// - Parameters:
    ///   - fields: the headers that the answer depends on.
    ///   - hasLeft: whether the client is gone.
    func answer(
        _ content: SnapshotBodies.Format.Content, _ type: String = MediaType.json, to request: Request,
        varyBy fields: String = "Accept-Encoding", hasLeft: @escaping @Sendable () -> Bool = { false }
    ) async -> Response {
        let path = request.uri.path
        let format = SnapshotBodies.Format(
            content: content, isCompressed: AcceptHeader(request.headers[.acceptEncoding]).takes(coding: "gzip"))
        if let condition = request.headers[.ifNoneMatch], let latest = hub.latest,
            case let tag = EntityTag(latest, format), tag.matches(condition)
        {
            return Response(status: .notModified, headers: Self.headers(tag, varyBy: fields))
        }
        do {
            guard let body = try await bodies.body(format, hasLeft: hasLeft) else { return Self.notReady(path) }
            var headers = Self.headers(body.tag, varyBy: fields)
            headers[.contentType] = type
            if format.isCompressed { headers[.contentEncoding] = "gzip" }
            return Response(status: .ok, headers: headers, body: Self.pieces(of: body))
        } catch SnapshotBodies.Busy.snapshot {
            return Problem(
                .tooManyRequests, cause: "too many different queries of this snapshot",
                remedy: "try again after the next tick, or read /api/v1/snapshot"
            ).responseWithRetry(to: path)
        } catch SnapshotBodies.Busy.agent {
            return Problem(
                .serviceUnavailable, cause: "too many queries wait for their answers, or take too much memory",
                remedy: "try again, or read /api/v1/snapshot"
            ).responseWithRetry(to: path)
        } catch is CancellationError {
            // Seen only by a client that ended its side of the connection and still reads.
            return Problem(
                .serviceUnavailable, cause: "the client ended its connection before the turn of its query",
                remedy: "keep it open until the answer comes"
            ).responseWithRetry(to: path)
        } catch {
            return Self.failure(error, path)
        }
    }

    /// What should not happen.
    static func failure(_ error: any Error, _ path: String) -> Response {
        Problem(
            .internalServerError, cause: "the answer could not be written: \(error)",
            remedy: "report it with the log of the agent"
        ).response(to: path)
    }

    /// What everything but `/`, `/healthz` and the description of the interface says before the first tick.
    static func notReady(_ path: String) -> Response {
        guard path.hasPrefix("/api/") else {
            return Response(
                status: .serviceUnavailable,
                headers: [.contentType: MediaType.text, .cacheControl: "no-store", .retryAfter: "1"],
                body: .init(byteBuffer: ByteBuffer(string: "not ready: the first sample is not complete yet\n")))
        }
        return Problem(
            .serviceUnavailable, cause: "not ready: the first sample is not complete yet",
            remedy: "ask again in a second"
        ).responseWithRetry(to: path)
    }

    /// Kept by clients, but never used without asking whether there is a newer one.
    private static func headers(_ tag: EntityTag, varyBy fields: String) -> HTTPFields {
        [.eTag: tag.text, .vary: fields, .cacheControl: "no-cache"]
    }

    /// Sent in pieces: what a slow reader has not taken yet is shared with the others.
    private static func pieces(of body: SnapshotBodies.Body) -> ResponseBody {
        ResponseBody(contentLength: body.buffer.readableBytes) { writer in
            for piece in body.pieces { try await writer.write(piece) }
            try await writer.finish(nil)
        }
    }
}

internal import Compression
internal import Linux
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import Telemetry

/// The task that sends requests.
extension PushService {
    /// A request on its way, in several pieces where the collector found it too large.
    private struct Parcel {
        let item: PushItem
        var pieces: [RequestDivision.Part]
    }

    /// A collector that accepts no more than this is none, bytes.
    private static let smallestRequest = 64 << 10
    private static let largestRequest = 64 << 20

    func sendRequests(_ signals: AsyncStream<Void>) async {
        var pauses = RetryPauses()
        var connection: PushConnection?
        var parcel: Parcel?
        sending: for await _ in signals {
            while !Task.isCancelled {
                if parcel == nil { parcel = await next() }
                guard let present = parcel, let piece = present.pieces.first else { break }
                guard let answer = await send(piece, present.item.kind, &connection) else { break sending }
                var answered = present
                await take(answer, of: &answered)
                parcel = answered.pieces.isEmpty ? nil : answered
                if parcel == nil { await finish(present.item, isDone: true) }
                guard case .later(_, let asked) = answer else {
                    pauses.succeed()
                    continue
                }
                // At the end it is tried once more, and then left.
                guard !Task.isShuttingDownGracefully else { break }
                let hasRested = await rest(pauses.next(asked: asked, chance: .random(in: 0..<1)))
                guard hasRested || Task.isShuttingDownGracefully && asked == nil else { break sending }
            }
        }
        if let parcel { await finish(parcel.item, isDone: false) }
        await connection?.close()
    }

    /// The oldest request that waits.
    private func next() async -> Parcel? {
        let found = await onThread { shared in shared.queue.withLock { $0?.first() } }
        await noteQueue()
        return found.map { Parcel(item: $0.item, pieces: [.init(body: $0.body, points: $0.item.points)]) }
    }

    private func finish(_ item: PushItem, isDone: Bool) async {
        await onThread { shared in shared.queue.withLock { $0?.finish(item, isDone: isDone) } }
        await noteQueue()
    }

    /// False where it ended early: the agent is stopped.
    private func rest(_ seconds: Double) async -> Bool {
        await cancelWhenGracefulShutdown { (try? await clock.sleep(for: .seconds(seconds))) != nil }
    }

    /// nil where the task was cancelled.
    private func send(
        _ piece: RequestDivision.Part, _ kind: PushKind, _ connection: inout PushConnection?
    ) async -> PushAnswer? {
        do {
            if connection?.isWorn ?? false { await close(&connection) }
            let settings = settings
            if connection == nil {
                let files = await onThread { _ in Result { () throws(HostError) in try PushConnection.files(settings) }
                }
                connection = try PushConnection(settings, files: files.get(), group: group)
            }
            let headers = try await headersOfFile()
            return try await connection?.send(piece.body, kind, headers: headers)
        } catch is CancellationError {
            await close(&connection)
            return nil
        } catch {
            // Anything may have been replaced: names, addresses, certificates.
            await close(&connection)
            return .later("\(error)", after: nil)
        }
    }

    private func close(_ connection: inout PushConnection?) async {
        await connection?.close()
        connection = nil
    }

    private func headersOfFile() async throws(HostError) -> [Resource.Attribute] {
        guard let path = settings.headersFile else { return [] }
        let content = await onThread { _ in Result { () throws(HostError) in try readNamedFile(path) } }
        return NamedValueList.parse(file: try content.get())
    }

    /// Removes the first piece where it is done with, or divides it.
    private func take(_ answer: PushAnswer, of parcel: inout Parcel) async {
        let piece = parcel.pieces[0]
        switch answer {
        case .accepted(let rejected, let message):
            parcel.pieces.removeFirst()
            noteAccepted(points: UInt64(piece.points), rejected: min(rejected, UInt64(piece.points)), message)
        case .refused(let reason):
            parcel.pieces.removeFirst()
            noteRefused(points: UInt64(piece.points), reason)
        case .later(let reason, _): noteWaiting(reason)
        case .tooLarge:
            let halves = await divided(piece, parcel.item.kind)
            parcel.pieces.replaceSubrange(0..<1, with: halves ?? [])
            if halves == nil { noteRefused(points: UInt64(piece.points), "HTTP 413, and it cannot be made smaller") }
        }
    }

    /// nil where it cannot be. Requests to come are smaller, too.
    private func divided(_ piece: RequestDivision.Part, _ kind: PushKind) async -> [RequestDivision.Part]? {
        await onThread { shared in
            let coding = kind.isCompressed ? "gzip" : nil
            guard let plain = try? unpacked(piece.body, coding: coding, limit: Self.largestRequest),
                let halves = RequestDivision.halves(plain, isProtobuf: kind.isProtobuf)
            else { return nil }
            shared.sizeLimit.withLock { $0 = max(min($0, plain.count / 2), Self.smallestRequest) }
            return halves.map { half in
                RequestDivision.Part(
                    body: kind.isCompressed ? gzipped(half.body) : half.body, points: half.points)
            }
        }
    }
}

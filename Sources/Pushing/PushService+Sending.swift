internal import Compression
internal import Linux
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import Telemetry

/// The task that sends requests.
extension PushService {
    /// A request on its way.
    private struct Parcel {
        let item: PushItem
        let body: [UInt8]
    }

    /// Bytes of a request before compression.
    private static let largestRequest = 64 << 20

    func sendRequests(_ signals: AsyncStream<Void>) async {
        var pauses = RetryPauses()
        var connection: PushConnection?
        var parcel: Parcel?
        sending: for await _ in signals {
            while !Task.isCancelled {
                if parcel == nil { parcel = await next() }
                guard let present = parcel else { break }
                guard let answer = await send(present, &connection) else { break sending }
                guard case .later(let reason, let asked) = answer else {
                    await settle(answer, present)
                    parcel = nil
                    pauses.succeed()
                    continue
                }
                noteWaiting(reason)
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
        return (found ?? nil).map { Parcel(item: $0.item, body: $0.body) }
    }

    private func finish(_ item: PushItem, isDone: Bool) async {
        _ = await onThread { shared in shared.queue.withLock { $0?.finish(item, isDone: isDone) } }
        await noteQueue()
    }

    /// False where it ended early: the agent is stopped.
    private func rest(_ seconds: Double) async -> Bool {
        await cancelWhenGracefulShutdown { (try? await clock.sleep(for: .seconds(seconds))) != nil }
    }

    /// nil where the task was cancelled.
    private func send(_ parcel: Parcel, _ connection: inout PushConnection?) async -> PushAnswer? {
        do {
            if connection?.isWorn ?? false { await close(&connection) }
            let settings = settings
            if connection == nil {
                let files = try await blocking { () throws(HostError) in try PushConnection.files(settings) }
                connection = try PushConnection(settings, files: files, group: group)
            }
            let headers = try await headersOfFile()
            return try await connection?.send(parcel.body, parcel.item.kind, headers: headers)
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

    private func headersOfFile() async throws -> [Resource.Attribute] {
        guard let path = settings.headersFile else { return [] }
        return NamedValueList.parse(file: try await blocking { () throws(HostError) in try readNamedFile(path) })
    }

    private func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws(HostError) -> Value) async throws
        -> Value
    {
        let result = await onThread { _ in Result { () throws(HostError) in try work() } }
        guard let result else { throw CancellationError() }
        return try result.get()
    }

    /// Removes a request from the queue where it is done with, or divides it.
    private func settle(_ answer: PushAnswer, _ parcel: Parcel) async {
        let points = UInt64(parcel.item.points)
        switch answer {
        case .accepted(let rejected, let message):
            shared.sizes.withLock { $0.accepted() }
            noteAccepted(points: points, rejected: min(rejected, points), message)
        case .refused(let reason): noteRefused(points: points, reason)
        case .later: return
        case .tooLarge:
            switch await divide(parcel) {
            case .divided?: return await noteQueue()
            case .keeps(let size)?:
                noteRefused(points: points, "HTTP 413, and at \(size) bytes it is not divided further")
            case nil: return await finish(parcel.item, isDone: false)
            }
        }
        await finish(parcel.item, isDone: true)
    }

    private enum Division {
        case divided
        /// Not, at its size before compression.
        case keeps(Int)
    }

    /// nil where the task was cancelled.
    private func divide(_ parcel: Parcel) async -> Division? {
        await onThread { shared in
            let coding = parcel.item.kind.isCompressed ? "gzip" : nil
            guard let plain = try? unpacked(parcel.body, coding: coding, limit: Self.largestRequest) else {
                return .keeps(parcel.body.count)
            }
            guard shared.sizes.withLock({ $0.shouldDivide(plain.count) }),
                let halves = RequestDivision.halves(plain, isProtobuf: parcel.item.kind.isProtobuf)
            else { return .keeps(plain.count) }
            let parts = halves.map { half in
                RequestDivision.Part(
                    body: parcel.item.kind.isCompressed ? gzipped(half.body) : half.body, points: half.points)
            }
            shared.queue.withLock { $0?.replace(parcel.item, with: parts) }
            return .divided
        }
    }
}

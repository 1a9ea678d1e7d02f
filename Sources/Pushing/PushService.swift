internal import Compression
package import Engine
internal import Fetching
internal import FoundationEssentials
internal import Linux
package import Logging
package import NIOCore
internal import ServiceLifecycle
internal import Snapshot
internal import Synchronization
package import Telemetry

/// Sends metrics by OTLP over HTTP: one task makes a document of the latest snapshot now and then and puts it in the queue,
/// another one sends what waits there, oldest first.
///
/// What could not be sent waits; what was refused, or had to go, is counted. None of it touches the tick.
package struct PushService: Service {
    private let settings: PushSettings
    private let hub: SnapshotHub
    private let group: any EventLoopGroup
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let state: PushState
    private let shared: Shared

    /// What both tasks use; on the work thread only, but for the limit.
    private final class Shared: Sendable {
        let exporter: Mutex<MetricsExporter>
        let queue: Mutex<PushQueue?> = Mutex(nil)
        let sizeLimit: Mutex<Int>
        let thread: WorkThread

        init(_ exporter: sending MetricsExporter, sizeLimit: Int) throws(HostError) {
            self.exporter = Mutex(exporter)
            self.sizeLimit = Mutex(sizeLimit)
            thread = try WorkThread()
            thread.yieldToOthers()
        }
    }

    private static let responseLimit = 4 << 20
    /// A collector that takes less than this is none, bytes.
    private static let smallestRequest = 64 << 10
    /// For what is still to be sent when the agent ends.
    private static let farewell = Duration.seconds(1)
    /// Certificates are renewed: they are read again after so many requests, and after every failure.
    private static let requestsPerConnection = 60

    /// - Parameter state: where others see how it goes.
    /// - Throws: where the kernel has no thread to give.
    package init(
        _ settings: PushSettings, hub: SnapshotHub, selection: MetricSelection, resource: Resource,
        group: any EventLoopGroup, state: PushState, clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) throws {
        self.settings = settings
        self.hub = hub
        self.group = group
        self.state = state
        self.clock = clock
        self.logger = logger
        var selection = selection
        // Every point says since when it counts.
        selection.zeroTime = .zero
        shared = try Shared(
            MetricsExporter(selection, resource: resource), sizeLimit: settings.encoding.sizeLimit)
    }

    package func run() async throws {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await open()
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await makeDocuments { signal.yield() } }
                group.addTask { await sendDocuments(signals) }
            }
        }
        await sayGoodbye()
    }

    // MARK: Documents

    private func open() async {
        let settings = settings
        await onThread { shared in
            let limit = settings.queueDirectory == nil ? settings.memoryLimit : settings.diskLimit
            shared.queue.withLock { $0 = PushQueue(limit: limit, directory: settings.queueDirectory) }
        }
        await noteQueue()
        if let fault = state.view.diskFault {
            logger.warning(
                "requests for the collector wait in memory: the queue's directory cannot be used",
                metadata: ["error": "\(fault)"])
        }
    }

    private func makeDocuments(_ isReady: @Sendable () -> Void) async {
        // The first as soon as there is something to tell.
        for await snapshot in hub.updates() where snapshot.sequence > 0 { break }
        isReady()
        while !Task.isCancelled {
            await makeDocument()
            isReady()
            guard (try? await clock.sleep(for: settings.interval)) != nil else { return }
        }
    }

    private func makeDocument() async {
        guard let snapshot = hub.latest else { return }
        let settings = settings
        await onThread { shared in
            var options = settings.encoding
            options.sizeLimit = shared.sizeLimit.withLock(\.self)
            let requests = shared.exporter.withLock { $0.requests(snapshot, options) }
            shared.queue.withLock { queue in
                for request in requests {
                    let body = settings.compresses ? gzipped(request.body) : request.body
                    queue?.append(
                        body, points: request.points,
                        PushKind(isProtobuf: options.format == .protobuf, isCompressed: settings.compresses))
                }
            }
        }
        await noteQueue()
    }

    private func noteQueue() async {
        let before = state.view.droppedPoints
        await onThread { [state] shared in
            shared.queue.withLock { queue in
                guard let queue else { return }
                state.change { view in
                    (view.queuedRequests, view.queuedBytes) = (UInt64(queue.count), UInt64(queue.size))
                    (view.droppedPoints, view.diskFault) = (queue.droppedPoints, queue.diskFault)
                }
            }
        }
        if before == 0, state.view.droppedPoints > 0 {
            logger.warning(
                "data points are dropped from now on, the oldest first: the queue for the collector is full",
                metadata: ["endpoint": "\(state.view.target)"])
        }
    }

    // MARK: Sending

    private func sendDocuments(_ signals: AsyncStream<Void>) async {
        var pauses = RetryPauses()
        var connection: Connection?
        for await _ in signals {
            while !Task.isCancelled {
                guard let (item, body) = await onThread({ $0.queue.withLock { $0?.first() } }) else { break }
                let answer = await send(item, body, &connection)
                await take(answer, of: item)
                if case .later(_, let asked) = answer {
                    let pause = pauses.next(asked: asked, chance: .random(in: 0..<1))
                    guard (try? await clock.sleep(for: .seconds(pause))) != nil else { break }
                } else {
                    pauses.succeed()
                }
            }
        }
        await connection?.fetcher.close()
    }

    /// A client with what was in the files for it.
    private struct Connection {
        let fetcher: Fetcher
        var requests = 0
    }

    private func send(_ item: PushItem, _ body: [UInt8], _ connection: inout Connection?) async -> PushAnswer {
        do {
            if connection.map({ $0.requests >= Self.requestsPerConnection }) ?? false {
                await connection?.fetcher.close()
                connection = nil
            }
            var present: Connection
            if let connection { present = connection } else { present = try await connect() }
            present.requests += 1
            connection = present
            let type =
                item.kind.isProtobuf ? OTLPEncoder.Format.protobuf.contentType : OTLPEncoder.Format.json.contentType
            var headers = [(name: "Content-Type", value: type), ("User-Agent", "energyd")]
            if item.kind.isCompressed { headers.append(("Content-Encoding", "gzip")) }
            headers += settings.headers.map { ($0.name, $0.value) }
            headers += try await headersOfFile().map { ($0.name, $0.value) }
            let (head, answer) = try await present.fetcher.ask(
                settings.endpoint, content: ByteBuffer(bytes: body), headers: headers,
                limits: BodyLimits(total: settings.timeout, bytes: Self.responseLimit))
            return PushAnswer(
                status: head.status, contentType: head.first("Content-Type"), retryAfter: head.first("Retry-After"),
                body: answer, now: Date().timeIntervalSince1970)
        } catch {
            // All of it may have been replaced: names, addresses, certificates.
            await connection?.fetcher.close()
            connection = nil
            return .later("\(error)", after: nil)
        }
    }

    private func connect() async throws -> Connection {
        let (authority, certificate, key) = (settings.authorityFile, settings.certificateFile, settings.keyFile)
        let files = await onThread { _ in
            Result { () throws(HostError) in
                try [authority, certificate, key].map { (path) throws(HostError) in
                    try path.map { (path) throws(HostError) in try readNamedFile(path) }
                }
            }
        }
        let contents = try files.get()
        var fetch = FetchSettings()
        fetch.connect = min(settings.timeout, .seconds(5))
        fetch.silence = settings.timeout
        fetch.connections = 1
        if let authorities = contents[0] { fetch.trust = .authorities(authorities) }
        if let certificates = contents[1] { fetch.identity = (certificates, contents[2] ?? certificates) }
        return Connection(fetcher: try Fetcher(fetch, group: group))
    }

    private func headersOfFile() async throws -> [Resource.Attribute] {
        guard let path = settings.headersFile else { return [] }
        let content = await onThread { _ in Result { () throws(HostError) in try readNamedFile(path) } }
        return NamedValueList.parse(file: try content.get())
    }

    private func take(_ answer: PushAnswer, of item: PushItem) async {
        let hadFailed = state.view.lastError != nil
        var isDone = true
        switch answer {
        case .taken(let rejected, let message):
            let rejected = min(rejected, UInt64(item.points))
            state.succeed(points: UInt64(item.points) - rejected, rejected: rejected)
            if rejected > 0 || !message.isEmpty {
                logger.warning(
                    "the collector refused a part of the metrics",
                    metadata: ["data points": "\(rejected)", "reason": "\(message)"])
            } else if hadFailed {
                logger.info("the collector takes metrics again", metadata: ["endpoint": "\(state.view.target)"])
            }
        case .later(let reason, _):
            isDone = false
            state.fail(reason)
            if !hadFailed {
                logger.warning(
                    "the collector takes no metrics at present; they wait",
                    metadata: ["endpoint": "\(state.view.target)", "error": "\(reason)"])
            }
        case .refused(let reason), .tooLarge(let reason):
            state.fail(reason, rejected: UInt64(item.points))
            if case .tooLarge = answer {
                // From the next document on.
                shared.sizeLimit.withLock { $0 = max($0 / 2, Self.smallestRequest) }
            }
            if !hadFailed {
                logger.warning(
                    "the collector refuses metrics; they are lost",
                    metadata: ["endpoint": "\(state.view.target)", "error": "\(reason)"])
            }
        }
        guard isDone else { return }
        await onThread { shared in shared.queue.withLock { $0?.remove(item.number) } }
        await noteQueue()
    }

    /// The figures of the end, as far as the collector takes them at once. In a directory the rest waits for the next run.
    private func sayGoodbye() async {
        await makeDocument()
        await withTaskGroup { group in
            group.addTask {
                var connection: Connection?
                while !Task.isCancelled, let (item, body) = await onThread({ $0.queue.withLock { $0?.first() } }) {
                    let answer = await send(item, body, &connection)
                    await take(answer, of: item)
                    if case .later = answer { break }
                }
                await connection?.fetcher.close()
            }
            group.addTask { try? await Task.sleep(for: Self.farewell) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Runs a piece of work that may block.
    private func onThread<Value: Sendable>(_ work: @escaping @Sendable (Shared) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            shared.thread.run { [shared] in continuation.resume(returning: work(shared)) }
        }
    }
}

internal import Fetching
package import Logging
package import NIOCore
package import Names
internal import Synchronization
internal import Workloads

/// Follows the pods of this node, from the API server or the kubelet, and brings their names, labels, owners and
/// requests to the feed. Runs beside the tick, which never waits for it: while the server does not answer, names
/// stay as they are, and energy is accounted as before.
///
/// Requests this node's pods only, never the cluster's.
package actor KubernetesNames {
    private let configuration: KubernetesConfiguration
    private let feed: NameFeed
    private let group: any EventLoopGroup
    private let logger: Logger
    private let sleep: @Sendable (Duration) async throws -> Void
    private var names: PodNames
    private var client: (api: APIClient, silence: Duration)?
    private var failures = 0
    /// True once the server has sent a bookmark, as it then does about once a minute.
    private var hasBookmarks = false
    /// True after a watch that fell silent, until something comes again.
    private var wasSilent = false
    /// Whether the tick has found a new workload since the last response.
    private let isAsked = Mutex(false)

    /// - Parameter sleep: how to wait after a failure.
    package init(
        _ configuration: KubernetesConfiguration, feed: NameFeed, group: any EventLoopGroup, logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.configuration = configuration
        self.feed = feed
        self.group = group
        self.logger = logger
        self.sleep = sleep
        names = PodNames(configuration, feed: feed)
        feed.listen { [weak self] identity in
            if identity.podUID != nil { self?.isAsked.withLock { $0 = true } }
        }
    }

    /// Pods that are known.
    package var count: Int { names.count }

    /// Until it is cancelled.
    package func run() async {
        var version: String?
        var hasExpired = false
        while !Task.isCancelled {
            do {
                switch configuration.source {
                case .api:
                    if version == nil {
                        // From the server's cache, which is cheapest; after "too old" from the latest state.
                        version = try await list("/api/v1/pods", resourceVersion: hasExpired ? nil : "0")
                        hasExpired = false
                    }
                    version = try await watch(from: version ?? "")
                case .kubelet:
                    _ = try await list("/pods", resourceVersion: nil)
                    succeeded()
                    try await waitForQuestion()
                }
            } catch is CancellationError {
                break
            } catch APIError.gone {
                (version, hasExpired) = (nil, true)
                // At once, unless it happens repeatedly.
                failures += 1
                if failures > 1 { try? await pause(nil) }
            } catch {
                var wanted: Double?
                if case APIError.throttled(let seconds) = error { wanted = seconds }
                await failed(error)
                try? await pause(wanted)
            }
        }
        await disconnect()
    }

    // MARK: Requests

    /// A node has a few hundred pods at most, and the server sends them in one page unless asked otherwise.
    private static let mostPages = 100
    private static let listTime = Duration.seconds(60)

    /// All pods of the node; the version of the list.
    private func list(_ path: String, resourceVersion: String?) async throws -> String {
        let elapsed = stopwatch(ContinuousClock())
        var present: Set<String> = []
        var tokens: Set<String> = []
        var next: String?
        var version = ""
        repeat {
            var scanner = ObjectScanner(.list)
            let query = [
                configuration.source == .api ? configuration.selector : nil,
                resourceVersion.map { "resourceVersion=\($0)" },
                next.map { "continue=\(KubernetesConfiguration.escaped($0))" },
            ].compactMap(\.self).joined(separator: "&")
            let patience = APIClient.Patience(total: Self.listTime - min(elapsed(), Self.listTime), bytes: 256 << 20)
            try await connected(silence: configuration.silence).get(query.isEmpty ? path : "\(path)?\(query)", patience)
            { bytes in
                try scanner.feed(bytes) { object in
                    if let uid = names.update(object) { present.insert(uid) }
                }
            }
            guard scanner.isComplete else { throw APIError.other("the list was cut off") }
            let metadata = try PodNames.decode(ListEnvelope.self, scanner.envelope).metadata
            version = metadata?.resourceVersion ?? ""
            next = metadata?.next.flatMap { $0.isEmpty ? nil : $0 }
            if let next, !tokens.insert(next).inserted {
                throw APIError.other("the list does not end: it names the same page again")
            }
            guard tokens.count < Self.mostPages else {
                throw APIError.other("the list does not end: it has more than \(Self.mostPages) pages")
            }
            guard next == nil || elapsed() < Self.listTime else {
                throw APIError.other("the list was not complete after \(Self.listTime.components.seconds) s")
            }
        } while next != nil
        names.keep(only: present)
        feed.report(configuration.source.rawValue, error: nil)
        return version
    }

    /// Watches the node's pods until the server ends the watch. Returns the version up to which all events were seen.
    ///
    /// A broken connection does not require a new list: the watch resumes from the version that was reached.
    private func watch(from start: String) async throws -> String {
        var version = start
        var scanner = ObjectScanner(.stream)
        let seconds = Int.random(in: 240...300)
        let query =
            "\(configuration.selector)&watch=1&allowWatchBookmarks=true&timeoutSeconds=\(seconds)&resourceVersion=\(version)"
        let began = ContinuousClock.now
        var events = 0
        // The server ends the watch by itself, or has said something within that time.
        let silence = configuration.watchSilence ?? .seconds(hasBookmarks ? 150 : 315)
        do {
            let patience = APIClient.Patience(total: .seconds(seconds + 30), bytes: .max)
            try await connected(silence: silence).get("/api/v1/pods?\(query)", patience) { bytes in
                // The watch was accepted; only the first event shows whether the version was valid.
                if bytes.isEmpty, !wasSilent { feed.report(configuration.source.rawValue, error: nil) }
                try scanner.feed(bytes) { object in
                    events += 1
                    version = try take(object) ?? version
                }
            }
        } catch APIError.gone {
            throw APIError.gone
        } catch {
            if case APIError.silent = error { wasSilent = true }
            guard events > 0, !(error is CancellationError) else { throw error }
            await failed(error)
            try await pause(nil)
            return version
        }
        // A watch that ends at once means that the server has a problem.
        if events == 0, ContinuousClock.now - began < .seconds(1) { throw APIError.other("the watch ended at once") }
        succeeded()
        return version
    }

    /// One event; the version that it brings.
    private func take(_ bytes: [UInt8]) throws -> String? {
        let event = try PodNames.decode(WatchEvent.self, bytes)
        switch event.type {
        case "ADDED", "MODIFIED":
            if let pod = try? PodNames.decode(PodEvent.self, bytes).object {
                _ = names.update(pod)
            } else {
                feed.report(configuration.source.rawValue, error: "a pod object cannot be decoded")
                return event.object.metadata?.resourceVersion
            }
        case "DELETED": event.object.metadata?.uid.map { names.forget($0) }
        case "BOOKMARK": hasBookmarks = true
        case "ERROR":
            throw event.object.code == 410 ? APIError.gone : .status(event.object.code ?? 0)
        default: return nil
        }
        succeeded()
        return event.object.metadata?.resourceVersion
    }

    /// The kubelet has no watch: it is polled, and sooner where an unknown workload appeared.
    private func waitForQuestion() async throws {
        isAsked.withLock { $0 = false }
        let began = ContinuousClock.now
        let interval = Duration.seconds(configuration.pollInterval * .random(in: 0.8...1))
        while ContinuousClock.now - began < interval {
            try await Task.sleep(for: .seconds(min(1, configuration.pollInterval)))
            if isAsked.withLock(\.self), ContinuousClock.now - began >= .seconds(2) { return }
        }
    }

    // MARK: Health

    /// The client whose connections bear this much silence.
    private func connected(silence: Duration) async throws -> APIClient {
        if let client, client.silence == silence { return client.api }
        await disconnect()
        let fresh = try APIClient(configuration, silence: silence, group: group)
        client = (fresh, silence)
        return fresh
    }

    private func disconnect() async {
        let former = client
        client = nil
        await former?.api.close()
    }

    private func succeeded() {
        if failures > 1 { logger.notice("reading names from Kubernetes works again") }
        failures = 0
        wasSilent = false
        feed.report(configuration.source.rawValue, error: nil)
    }

    private func failed(_ error: any Error) async {
        failures += 1
        // Once, not at every attempt.
        if failures == 2 {
            logger.warning(
                "cannot read names from Kubernetes", metadata: ["error": "\(error)", "url": "\(configuration.url)"])
        }
        feed.report(configuration.source.rawValue, error: "\(configuration.url): \(error)")
        // The certificate authority may have been replaced.
        switch error {
        case APIError.other, APIError.silent: await disconnect()
        default: break
        }
    }

    /// Grows with every failure, with jitter so that nodes do not retry at the same time.
    ///
    /// - Parameter wanted: pause that the server asks for, s; at least that, at most an hour.
    private func pause(_ wanted: Double?) async throws {
        let doubled = configuration.firstPause * Double(1 << min(max(failures - 1, 0), 16))
        let ours = min(doubled, configuration.longestPause) * .random(in: 0.5...1)
        try await sleep(.seconds(wanted.map { min(max($0, 0), 3600) + ours / 10 } ?? ours))
    }
}

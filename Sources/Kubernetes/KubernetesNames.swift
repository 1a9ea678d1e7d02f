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
    private var client: APIClient?
    private var failures = 0
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
        await client?.close()
        client = nil
    }

    // MARK: Requests

    private struct ListEnvelope: Decodable {
        struct Metadata: Decodable {
            var resourceVersion: String?
            var next: String?
            enum CodingKeys: String, CodingKey { case resourceVersion, next = "continue" }
        }
        var metadata: Metadata?
    }

    /// All pods of the node; the version of the list.
    private func list(_ path: String, resourceVersion: String?) async throws -> String {
        var present: Set<String> = []
        var next: String?
        var version = ""
        repeat {
            var scanner = ObjectScanner(.list)
            let query = [
                configuration.source == .api ? selector : nil, resourceVersion.map { "resourceVersion=\($0)" },
                next.map { "continue=\(Self.escaped($0))" },
            ].compactMap(\.self).joined(separator: "&")
            try await connected().get(query.isEmpty ? path : "\(path)?\(query)", timeout: 60) { bytes in
                try scanner.feed(bytes) { object in
                    if let uid = names.update(object) { present.insert(uid) }
                }
            }
            guard scanner.isComplete else { throw APIError.other("the list was cut off") }
            let metadata = try PodNames.decode(ListEnvelope.self, scanner.envelope).metadata
            version = metadata?.resourceVersion ?? ""
            next = metadata?.next.flatMap { $0.isEmpty ? nil : $0 }
        } while next != nil
        names.keep(only: present)
        feed.report(configuration.source.rawValue, error: nil)
        return version
    }

    private struct Event: Decodable {
        struct Versioned: Decodable {
            var metadata: Pod.Metadata?
            /// Of an error.
            var code: Int?
        }
        var type: String
        var object: Versioned
    }

    private struct PodEvent: Decodable {
        var object: Pod
    }

    /// Watches the node's pods until the server ends the watch. Returns the version up to which all events were seen.
    ///
    /// A broken connection does not require a new list: the watch resumes from the version that was reached.
    private func watch(from start: String) async throws -> String {
        var version = start
        var scanner = ObjectScanner(.stream)
        let seconds = Int.random(in: 240...300)
        let query = "\(selector)&watch=1&allowWatchBookmarks=true&timeoutSeconds=\(seconds)&resourceVersion=\(version)"
        let began = ContinuousClock.now
        var events = 0
        do {
            try await connected().get("/api/v1/pods?\(query)", timeout: seconds + 30) { bytes in
                // The watch was accepted; only the first event shows whether the version was valid.
                if bytes.isEmpty { feed.report(configuration.source.rawValue, error: nil) }
                try scanner.feed(bytes) { object in
                    events += 1
                    version = try take(object) ?? version
                }
            }
        } catch APIError.gone {
            throw APIError.gone
        } catch {
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
        let event = try PodNames.decode(Event.self, bytes)
        switch event.type {
        case "ADDED", "MODIFIED":
            if let pod = try? PodNames.decode(PodEvent.self, bytes).object {
                _ = names.update(pod)
            } else {
                feed.report(configuration.source.rawValue, error: "a pod object cannot be decoded")
                return event.object.metadata?.resourceVersion
            }
        case "DELETED": event.object.metadata?.uid.map { names.forget($0) }
        case "BOOKMARK": break
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

    private func connected() throws -> APIClient {
        if let client { return client }
        let fresh = try APIClient(configuration, group: group)
        client = fresh
        return fresh
    }

    private func succeeded() {
        if failures > 1 { logger.notice("reading names from Kubernetes works again") }
        failures = 0
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
        if case APIError.other = error {
            await client?.close()
            client = nil
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

    private var selector: String { "fieldSelector=spec.nodeName%3D\(Self.escaped(configuration.nodeName))" }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                return String(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }.joined()
    }
}

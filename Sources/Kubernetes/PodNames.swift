internal import FoundationEssentials
internal import Names

/// The names that are known from Kubernetes; publishes those that changed to the feed.
struct PodNames {
    private let configuration: KubernetesConfiguration
    private let feed: NameFeed
    private let source: NameSource
    /// What was published, by the uid of the pod.
    private var known: [String: [NameKey: [String: String]]] = [:]
    /// Names in ``known``: pods and containers.
    private var size = 0
    private let limit: Int

    /// - Parameter limit: names of pods and containers that are kept, as many as a ``NameTable`` holds; more are refused,
    ///   which the feed counts.
    init(_ configuration: KubernetesConfiguration, feed: NameFeed, limit: Int = NameTable.limit) {
        self.configuration = configuration
        self.feed = feed
        self.limit = limit
        source = configuration.source == .api ? .kubernetes : .kubelet
    }

    var count: Int { known.count }

    /// Applies one pod object. Returns the uid, or nil for a pod of another node, or one too many. An object that cannot be decoded is
    /// counted and skipped.
    mutating func update(_ bytes: [UInt8]) -> String? {
        do {
            return update(try JSONDecoder().decode(Pod.self, from: Data(bytes)))
        } catch {
            feed.report(configuration.source.rawValue, error: "a pod object cannot be decoded")
            return nil
        }
    }

    mutating func update(_ pod: Pod) -> String? {
        // A server that ignores the selector must not fill our memory.
        if let node = pod.spec?.nodeName, node != configuration.nodeName { return nil }
        let updates = pod.updates(configuration, source: source)
        guard let uid = pod.metadata.uid, !updates.isEmpty else { return nil }
        let before = known[uid] ?? [:]
        let after = Dictionary(updates.map { ($0.key, $0.facts ?? [:]) }) { $1 }
        guard size - before.count + after.count <= limit else {
            feed.refuse()
            return nil
        }
        size += after.count - before.count
        feed.publish(updates.filter { before[$0.key] != $0.facts })
        feed.publish(before.keys.filter { after[$0] == nil }.map { .init($0, source: source, facts: nil) })
        known[uid] = after
        return uid
    }

    mutating func forget(_ uid: String) {
        guard let keys = known.removeValue(forKey: uid)?.keys else { return }
        size -= keys.count
        feed.publish(keys.map { .init($0, source: source, facts: nil) })
    }

    /// Forgets all pods that are not in a complete list.
    mutating func keep(only uids: Set<String>) {
        for uid in known.keys where !uids.contains(uid) { forget(uid) }
    }

    static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw APIError.other("unexpected response")
        }
    }
}

package import Linux
internal import Synchronization
internal import Workloads

/// Looks up the names of new workloads in the local sources, in the background: the tick only submits the lookup, and
/// finds the result in its ``NameFeed`` later.
package final class LocalNames: Sendable {
    private let sources: [LocalSource]
    private let paths: HostPaths
    private let schedule: Schedule
    private let feed = Mutex<NameFeed?>(nil)
    private let waiting = Mutex(0)

    /// Engines write their files before they start a container, or a little later; a guest is there once QEMU runs.
    private static let attempts = [0.0, 0.3, 2, 10]
    /// Lookups that may be pending; further workloads stay unnamed, which the feed counts.
    private static let limit = 10_000

    /// Runs work after so many seconds, one piece after the other.
    package typealias Schedule = @Sendable (_ seconds: Double, _ work: @escaping @Sendable () -> Void) -> Void

    /// - Parameter schedule: the files may lie on a file system that hangs, so this must be a thread that can wait.
    package init(_ sources: [LocalSource], paths: HostPaths, schedule: @escaping Schedule) {
        self.sources = sources
        self.paths = paths
        self.schedule = schedule
    }

    /// Serves the feed's lookups from now on.
    package func connect(_ feed: NameFeed) {
        self.feed.withLock { $0 = feed }
        feed.listen { self.ask(for: $0) }
        for source in sources { feed.report(source.rawValue, error: nil) }
    }

    /// Returns at once.
    func ask(for identity: CgroupIdentity) {
        guard let key = NameKey(identity), key.kind != .pod else { return }
        ask(identity, key, attempt: 0)
    }

    private func ask(_ identity: CgroupIdentity, _ key: NameKey, attempt: Int) {
        let isTaken = waiting.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
        guard isTaken else {
            feed.withLock(\.self)?.refuse()
            return
        }
        schedule(Self.attempts[attempt]) { [self] in
            waiting.withLock { $0 -= 1 }
            let isKnown = answer(identity, key)
            if !isKnown, attempt + 1 < Self.attempts.count { ask(identity, key, attempt: attempt + 1) }
        }
    }

    /// True where no retry is needed.
    private func answer(_ identity: CgroupIdentity, _ key: NameKey) -> Bool {
        guard let feed = feed.withLock(\.self) else { return true }
        var isKnown = false
        for source in sources {
            do throws(HostError) {
                let facts = try source.facts(of: identity, paths)
                guard !facts.isEmpty else { continue }
                feed.publish([.init(key, source: source.nameSource, facts: facts)])
                feed.report(source.rawValue, error: nil)
                isKnown = true
            } catch {
                feed.report(source.rawValue, error: "\(error)")
            }
        }
        return isKnown
    }
}

/// Which of Kepler's metrics are exported beside our own, for dashboards and rules that were made for it.
package enum KeplerCompatibility: String, Sendable, CaseIterable {
    case off
    /// Those of Kepler 0.10 and later: docs/user/metrics.md in its repository.
    case current
    /// Those of Kepler up to 0.9, which Grafana's Kubernetes monitoring asks for.
    case legacy
    /// No name belongs to both.
    case both

    var hasCurrent: Bool { self == .current || self == .both }
    var hasLegacy: Bool { self == .legacy || self == .both }

    /// In the order of the exposition.
    var collectors: [Collector] { (hasCurrent ? KeplerMetrics.current : []) + (hasLegacy ? KeplerMetrics.legacy : []) }
}

/// The metrics of Kepler that we export. They are not of the catalogue: their names are another project's, and they say
/// nothing that ours do not.
package enum KeplerMetrics {
    static let current: [Collector] = [currentNode] + currentUsers
    static let legacy: [Collector] = [legacyNode] + legacyUsers

    /// For documents and tests.
    package static func all(_ compatibility: KeplerCompatibility) -> [Metric] {
        compatibility.collectors.flatMap { $0.families.map(\.metric) }
    }
}

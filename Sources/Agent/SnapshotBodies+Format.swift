internal import Querying
internal import Telemetry

extension SnapshotBodies {
    /// What a body can look like.
    struct Format: Hashable, Sendable {
        enum Content: Hashable, Sendable {
            case metrics(TextFormat)
            case json
            case workloads(WorkloadQuery)
            case status(Readiness)
            /// A message of a stream: the snapshot, or the answer to a query.
            case event(WorkloadQuery?)
        }

        var content: Content
        /// Compressed with gzip.
        var isCompressed = false
    }
}

extension SnapshotBodies.Format.Content {
    /// True where there may be any number of them.
    var isQuery: Bool {
        switch self {
        case .workloads, .event(.some): true
        case .metrics, .json, .status, .event(nil): false
        }
    }

    /// True for those of single requests; there are a few of streams at most (``StreamFeed``).
    var isOneOff: Bool {
        if case .workloads = self { true } else { false }
    }

    /// Different for all that one URI can be answered with.
    var tag: String {
        switch self {
        case .metrics(.prometheus): "p"
        case .metrics(.openMetrics): "o"
        case .json, .workloads, .event: "j"
        case .status(let readiness): "s\(readiness.isReady ? 1 : 0)\(readiness.isAlive ? 1 : 0)"
        }
    }
}

/// Everything that has an answer. Routes, the index page and the OpenAPI description are made from this list.
enum Endpoint: String, CaseIterable {
    case index = "/"
    case metrics = "/metrics"
    case snapshot = "/api/v1/snapshot"
    case workloads = "/api/v1/workloads"
    case stream = "/api/v1/stream"
    case history = "/api/v1/history"
    case status = "/api/v1/status"
    case description = "/api/v1/openapi.json"
    case ready = "/readyz"
    case health = "/healthz"

    /// - Parameter path: of a request; one slash at its end does not matter.
    init?(path: String) {
        self.init(rawValue: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
    }

    /// The media type that the answer has whatever the client accepts, where a client that excludes it is refused; nil
    /// for pages of people and probes, and for `/metrics`, which has its own rule.
    var onlyType: String? {
        switch self {
        case .snapshot, .workloads, .history, .status, .description: MediaType.json
        case .stream: MediaType.events
        case .index, .metrics, .ready, .health: nil
        }
    }

    /// In a few words.
    var summary: String {
        switch self {
        case .index: "this page"
        case .metrics: "Prometheus metrics"
        case .snapshot: "everything, as JSON"
        case .workloads: "workloads, filtered and sorted"
        case .stream: "the same with every tick, as server-sent events"
        case .history: "what was used in a span of time"
        case .status: "how the agent is"
        case .description: "OpenAPI description of this interface"
        case .ready: "200 while samples are fresh"
        case .health: "200 while the agent is alive"
        }
    }
}

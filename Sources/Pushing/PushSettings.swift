package import Telemetry

/// Where metrics are sent by OTLP over HTTP, and how.
package struct PushSettings: Sendable, Equatable {
    /// Of the metrics: `http://collector:4318/v1/metrics`.
    package var endpoint: String
    /// Sent with every request, such as those that authorise it.
    package var headers: [Resource.Attribute] = []
    /// A file with further ones, a `name: value` or `name=value` per line, read before every request: tokens are renewed.
    package var headersFile: String?
    package var encoding = OTLPEncoder.Options()
    package var compresses = true
    /// Time between two exports.
    package var interval = Duration.seconds(60)
    /// How long a request may take.
    package var timeout = Duration.seconds(10)
    /// PEM: whose certificates are accepted; nil for the system's authorities.
    package var authorityFile: String?
    /// PEM: what the agent proves its identity with; the key may be in the same file.
    package var certificateFile: String?
    package var keyFile: String?
    /// Bytes of requests in memory at most.
    package var memoryLimit = 8 << 20
    /// A directory where requests wait, so that they survive a restart; nil for memory.
    package var queueDirectory: String?
    /// Bytes of those at most.
    package var diskLimit = 256 << 20
    /// Bytes of a request before compression: one that a collector finds too large is not divided below this.
    package var smallestRequest = 64 << 10

    /// What the agent calls itself.
    package var userAgent = "energyd"

    /// The address as it is shown: without what may be a token.
    package var target: String { endpoint.firstIndex(of: "?").map { String(endpoint[..<$0]) } ?? endpoint }

    package init(endpoint: String) {
        self.endpoint = endpoint
    }
}

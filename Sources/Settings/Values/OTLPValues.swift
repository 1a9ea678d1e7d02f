package import Telemetry

/// Whether and how metrics are sent by OTLP.
package struct OTLPValues: Sendable, Equatable {
    package enum WireProtocol: String, CaseIterable, Sendable {
        case protobuf = "http/protobuf"
        case json = "http/json"
    }

    package enum Packing: String, CaseIterable, Sendable {
        case gzip, none
    }

    /// Of the metrics: `http://collector:4318/v1/metrics`; nil for nowhere.
    package var endpoint: String?
    package var headers: [Resource.Attribute] = []
    package var headersFile: String?
    package var wireProtocol = WireProtocol.protobuf
    package var packing = Packing.gzip
    package var interval = Duration.seconds(60)
    package var timeout = Duration.seconds(10)
    package var authorityFile: String?
    package var certificateFile: String?
    package var keyFile: String?
    package var hasResourcePerWorkload = false
    package var queueDirectory: String?
    /// MiB.
    package var queueLimit = 256
    /// Further attributes of the resource.
    package var attributes: [Resource.Attribute] = []

    package init() {}
}

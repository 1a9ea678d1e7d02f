internal import Linux

/// The layer of OpenTelemetry's own variables, below those of energyd: a platform sets them for every program.
/// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
struct OpenTelemetryLayer {
    private(set) var assignments: [Assignment] = []
    /// Variables that are set and not used. As the specification asks, they are no errors: they are seldom meant for this
    /// program alone.
    private(set) var remarks: [Remark] = []
    /// Whether one of them has an address, so that metrics are expected to be sent.
    private(set) var namesEndpoint = false

    private let environment: HostEnvironment

    init(_ environment: HostEnvironment) {
        self.environment = environment
        guard environment.variable("OTEL_SDK_DISABLED")?.lowercased() != "true" else { return }
        takeEndpoint()
        takeOTLP(.otlpHeaders, "HEADERS")
        if !isGRPC { takeOTLP(.otlpProtocol, "PROTOCOL") { $0.lowercased() } }
        takeOTLP(.otlpCompression, "COMPRESSION") { $0.lowercased() }
        takeOTLP(.otlpTimeout, "TIMEOUT") { "\($0)ms" }
        takeOTLP(.otlpAuthority, "CERTIFICATE")
        takeOTLP(.otlpCertificate, "CLIENT_CERTIFICATE")
        takeOTLP(.otlpKey, "CLIENT_KEY")
        take(.otlpInterval, "OTEL_METRIC_EXPORT_INTERVAL") { "\($0)ms" }
        takeAttributes()
    }

    // MARK: Variables with a rule of their own

    private var isGRPC: Bool {
        let text =
            environment.variable("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL")
            ?? environment.variable("OTEL_EXPORTER_OTLP_PROTOCOL")
        return text?.lowercased() == "grpc"
    }

    private mutating func takeEndpoint() {
        let (own, all) = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
        guard let name = [own, all].first(where: { environment.variable($0) != nil }) else { return }
        // `otlp`, or a list that has it; what is not set means the same.
        let exporters = environment.variable("OTEL_METRICS_EXPORTER").map { $0.lowercased().split(separator: ",") }
        guard exporters?.contains("otlp") ?? true else { return }
        namesEndpoint = true
        guard !isGRPC else {
            remarks.append(
                Remark(
                    "\(name) is not used: energyd does not speak OTLP over gRPC, which the variables ask for",
                    remedy: "set OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf and "
                        + "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://HOST:4318/v1/metrics, the collector's HTTP receiver"
                ))
            return
        }
        // The address of metrics is used as it is; that of all signals is what their paths are added to.
        take(.otlpEndpoint, own)
        take(.otlpEndpoint, all) { ($0.hasSuffix("/") ? String($0.dropLast()) : $0) + "/v1/metrics" }
    }

    private mutating func takeAttributes() {
        let (list, service) = ("OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME")
        var attributes = environment.variable(list) ?? ""
        if NamedValueListText.isRefused(attributes) {
            remarks.append(Remark("\(list) is not used: it is not a list of NAME=VALUE", remedy: Self.listRemedy))
            attributes = ""
        }
        if let name = environment.variable(service) {
            attributes += (attributes.isEmpty ? "" : ",") + "service.name=\(NamedValueListText.escaped(name))"
        }
        if !attributes.isEmpty, (try? Setting.resourceAttributes.check(attributes)) != nil {
            let name = environment.variable(list) == nil ? service : list
            assignments.append(Assignment(.resourceAttributes, attributes, from: .environment(name)))
        }
    }

    private static let listRemedy =
        "write NAME=VALUE,NAME=VALUE, with %2C for a comma and %25 for a percent sign in a value"

    // MARK: Variables

    /// The variable of metrics wins over that of all signals.
    private mutating func takeOTLP(_ setting: Setting, _ name: String, _ text: (String) -> String = { $0 }) {
        take(setting, "OTEL_EXPORTER_OTLP_METRICS_\(name)", text)
        take(setting, "OTEL_EXPORTER_OTLP_\(name)", text)
    }

    private mutating func take(_ setting: Setting, _ name: String, _ text: (String) -> String = { $0 }) {
        guard !assignments.contains(where: { $0.setting.key == setting.key }),
            let text = environment.variable(name).map(text)
        else { return }
        do {
            try setting.check(text)
            assignments.append(Assignment(setting, text, from: .environment(name)))
        } catch {
            remarks.append(
                Remark(
                    "\(name) is not used: \(error.reason)", remedy: "correct it, or set \(setting.flag) in its place"))
        }
    }
}

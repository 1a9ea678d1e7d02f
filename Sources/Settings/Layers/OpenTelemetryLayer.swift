internal import Linux

/// The layer of OpenTelemetry's own variables, below those of energyd: a platform sets them for every program.
/// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
enum OpenTelemetryLayer {
    /// Reads the assignments. What makes no sense is left out, as the specification wants it: the variables are seldom meant
    /// for this program alone. `energyd config` shows what is in force.
    static func read(_ environment: HostEnvironment) -> [Assignment] {
        guard environment.variable("OTEL_SDK_DISABLED")?.lowercased() != "true" else { return [] }
        var assignments: [Assignment] = []
        func take(_ setting: Setting, _ name: String, _ text: (String) -> String? = { $0 }) {
            guard !assignments.contains(where: { $0.setting.key == setting.key }),
                let text = environment.variable(name).flatMap(text), (try? setting.check(text)) != nil
            else { return }
            assignments.append(Assignment(setting, text, from: .environment(name)))
        }
        /// The variable of metrics wins over that of all signals.
        func takeOTLP(_ setting: Setting, _ name: String, _ text: @escaping (String) -> String? = { $0 }) {
            take(setting, "OTEL_EXPORTER_OTLP_METRICS_\(name)", text)
            take(setting, "OTEL_EXPORTER_OTLP_\(name)", text)
        }
        // The address of metrics is taken as it is; without a path it would hardly be one.
        take(.otlpEndpoint, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
        take(.otlpEndpoint, "OTEL_EXPORTER_OTLP_ENDPOINT") { text in
            (text.hasSuffix("/") ? String(text.dropLast()) : text) + "/v1/metrics"
        }
        if environment.variable("OTEL_METRICS_EXPORTER")?.lowercased() == "none" {
            assignments.removeAll { $0.setting.key == Setting.otlpEndpoint.key }
        }
        takeOTLP(.otlpHeaders, "HEADERS")
        takeOTLP(.otlpProtocol, "PROTOCOL")
        takeOTLP(.otlpCompression, "COMPRESSION")
        takeOTLP(.otlpTimeout, "TIMEOUT") { "\($0)ms" }
        takeOTLP(.otlpAuthority, "CERTIFICATE")
        takeOTLP(.otlpCertificate, "CLIENT_CERTIFICATE")
        takeOTLP(.otlpKey, "CLIENT_KEY")
        take(.otlpInterval, "OTEL_METRIC_EXPORT_INTERVAL") { "\($0)ms" }
        var attributes = environment.variable("OTEL_RESOURCE_ATTRIBUTES") ?? ""
        if let name = environment.variable("OTEL_SERVICE_NAME") {
            attributes += (attributes.isEmpty ? "" : ",") + "service.name=\(escaped(name))"
        }
        if !attributes.isEmpty, (try? Setting.resourceAttributes.check(attributes)) != nil {
            assignments.append(
                Assignment(.resourceAttributes, attributes, from: .environment("OTEL_RESOURCE_ATTRIBUTES")))
        }
        return assignments
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing(",", with: "%2C")
    }
}

extension String {
    fileprivate func replacing(_ text: Character, with other: String) -> String {
        map { $0 == text ? other : String($0) }.joined()
    }
}

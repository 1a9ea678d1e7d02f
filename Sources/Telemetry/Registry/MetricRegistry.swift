/// Every metric and attribute as YAML, for programs: in the way of OpenTelemetry's semantic conventions.
///
/// Syntax: https://github.com/open-telemetry/weaver/blob/main/schemas/semconv-syntax.md
package enum MetricRegistry {
    /// docs/metrics.yaml.
    package static var yaml: String {
        var lines = [
            "# Generated from the collectors in Sources/Telemetry/Collectors by `make docs`: every metric and attribute, in the",
            "# syntax of OpenTelemetry's semantic conventions. docs/semconv.md has what corresponds to what.",
            "groups:",
        ]
        for origin in AttributeDefinition.Origin.allCases {
            lines += group(of: AttributeDefinition.all.filter { $0.origin == origin }, from: origin)
        }
        for family in Collector.all.flatMap(\.families) { lines += group(of: family) }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Attributes

    private static func group(
        of attributes: [AttributeDefinition], from origin: AttributeDefinition.Origin
    ) -> [String] {
        let brief =
            switch origin {
            case .opentelemetry: "Attributes that OpenTelemetry defines, as they are used here."
            case .energyd: "Attributes of energyd."
            }
        return [
            "  - id: registry.\(origin.rawValue)", "    type: attribute_group", "    brief: \(quoted(brief))",
            "    attributes:",
        ] + attributes.sorted { $0.name < $1.name }.flatMap(lines)
    }

    private static func lines(_ attribute: AttributeDefinition) -> [String] {
        var lines = ["      - id: \(attribute.id)"]
        if attribute.values.isEmpty {
            lines.append("        type: \(attribute.isTemplate ? "template[string]" : "string")")
        } else {
            lines += ["        type:", "          members:"]
            for value in attribute.values {
                // An unquoted `true` would be no text.
                lines += [
                    "            - id: \(quoted(value.replacing("-", with: "_")))",
                    "              value: \(quoted(value))",
                    "              stability: development",
                ]
            }
        }
        lines.append("        stability: development")
        lines += text("        ", "brief", attribute.brief)
        if !attribute.examples.isEmpty {
            lines.append("        examples: [\(attribute.examples.map(quoted).joined(separator: ", "))]")
        }
        return lines
    }

    // MARK: Metrics

    private static func group(of family: MetricFamily) -> [String] {
        let metric = family.metric
        var lines = [
            "  - id: metric.\(metric.name)", "    type: metric", "    metric_name: \(metric.name)",
            "    stability: development",
        ]
        lines += text("    ", "brief", metric.help)
        if let conventional = family.conventional {
            lines.append("    note: \(quoted("With --metrics.conventional-names it is \(conventional.name)."))")
        }
        lines += [
            "    instrument: \(metric.kind.instrument)", "    unit: \(quoted(metric.unit.symbol))",
            "    annotations:", "      prometheus:", "        name: \(metric.prometheusName)",
        ]
        let attributes = metric.attributes.compactMap { AttributeDefinition.byName[$0] }
        if !attributes.isEmpty { lines.append("    attributes:") }
        for attribute in attributes {
            lines += ["      - ref: \(attribute.id)", "        requirement_level: \(attribute.level.text)"]
        }
        return lines
    }

    /// A key with a text, of which a long one is folded: its lines are joined by spaces.
    private static func text(_ indentation: String, _ key: String, _ text: String) -> [String] {
        let line = "\(indentation)\(key): \(quoted(text))"
        guard line.utf8.count > 120 else { return [line] }
        var lines = ["\(indentation)\(key): >-"]
        var words = ""
        for word in text.split(separator: " ") {
            if words.utf8.count + word.utf8.count > 100 {
                lines.append("\(indentation)  \(words)")
                words = ""
            }
            words += words.isEmpty ? String(word) : " \(word)"
        }
        return lines + ["\(indentation)  \(words)"]
    }

    /// A text in double quotes, as YAML and JSON have it.
    fileprivate static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}

extension Metric.Kind {
    /// Facts are a gauge that is always 1.
    fileprivate var instrument: String {
        switch self {
        case .counter: "counter"
        case .gauge, .info: "gauge"
        case .histogram: "histogram"
        }
    }
}

extension AttributeDefinition.Level {
    fileprivate var text: String {
        switch self {
        case .required: "required"
        case .conditional(let condition): "{conditionally_required: \(MetricRegistry.quoted(condition))}"
        case .recommended: "recommended"
        case .optIn: "opt_in"
        }
    }
}

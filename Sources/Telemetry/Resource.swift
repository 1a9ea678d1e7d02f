/// What all metrics of an agent have in common: OpenTelemetry's resource, and Prometheus' `target_info`.
package struct Resource: Sendable, Equatable {
    package struct Attribute: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Each name once, none of them empty.
    package private(set) var attributes: [Attribute] = []

    package init() {}

    /// Later ones replace earlier ones of the same name; those without a value are left out.
    package init(_ attributes: [Attribute]) {
        for attribute in attributes { set(attribute.name, attribute.value) }
    }

    package mutating func set(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty, !name.isEmpty else { return }
        attributes.removeAll { $0.name == name }
        attributes.append(Attribute(name, value))
    }

    /// As the attributes of a sample.
    var attributeSet: AttributeSet { AttributeSet(attributes.map { (name: $0.name, value: $0.value) }) }

    static let metric = Metric("target", .info, .none, "The agent and its host.")
}

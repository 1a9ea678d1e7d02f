/// A setting's text in one layer.
package struct Assignment: Sendable {
    package let setting: Setting
    package let text: String
    package let origin: Origin

    package init(_ setting: Setting, _ text: String, from origin: Origin) {
        self.setting = setting
        self.text = text
        self.origin = origin
    }

    /// Throws where the text is no value of the setting, and says where it stands.
    package func apply(to configuration: inout AgentConfiguration) throws(ConfigurationError) {
        do {
            try setting.apply(text, &configuration)
        } catch {
            throw ConfigurationError("\(origin.subject(setting)): \(error.reason)")
        }
    }
}

/// A configuration that makes no sense: where it stands, why, and what would be right. The process exits with 2.
package struct ConfigurationError: Error, CustomStringConvertible, Sendable, Equatable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

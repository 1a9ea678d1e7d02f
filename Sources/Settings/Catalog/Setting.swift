/// One thing that can be configured: its name in every layer, what it means, and how its text becomes a value.
///
/// All layers read and check a value through the same setting, so that `retention = 10m` in the file,
/// `ENERGYD_RETENTION=10m` and `--retention 10m` cannot differ.
package struct Setting: Sendable {
    /// Why a text is no value of a setting, and what would be one.
    package struct Refusal: Error, Sendable {
        package let reason: String

        package init(_ reason: String) {
            self.reason = reason
        }
    }

    /// The form of the value on the command line.
    package enum Form: Sendable {
        case value
        /// On or off: `--name` and `--no-name`.
        case toggle
        /// The path of a file or directory, for completion.
        case path
    }

    /// `sample.interval`: the name in the file, and after `--` that of the flag.
    package let key: String
    package let form: Form
    /// What stands for the value in help texts.
    package let valueName: String
    /// One sentence.
    package let help: String
    /// The default in words where it depends on the host.
    package let defaultText: String?
    /// Puts the value that `text` stands for into a configuration.
    package let apply: @Sendable (_ text: String, _ configuration: inout AgentConfiguration) throws(Refusal) -> Void
    /// The value as its text; nil where there is none.
    package let show: @Sendable (AgentConfiguration) -> String?

    package init(
        _ key: String, _ form: Form = .value, valueName: String, help: String, defaultText: String? = nil,
        apply: @escaping @Sendable (String, inout AgentConfiguration) throws(Refusal) -> Void,
        show: @escaping @Sendable (AgentConfiguration) -> String?
    ) {
        self.key = key
        self.form = form
        self.valueName = valueName
        self.help = help
        self.defaultText = defaultText
        self.apply = apply
        self.show = show
    }

    /// `ENERGYD_SAMPLE_INTERVAL`
    package var variable: String { Setting.variable(key) }

    static func variable(_ key: String) -> String {
        "ENERGYD_" + String(key.uppercased().map { $0 == "." || $0 == "-" ? "_" : $0 })
    }

    /// `--sample.interval`
    package var flag: String { "--" + key }

    /// The default as its text; nil for none.
    package var standard: String? { defaultText ?? show(AgentConfiguration()) }

    /// Throws where `text` is no value of this setting.
    package func check(_ text: String) throws(Refusal) {
        var scratch = AgentConfiguration()
        try apply(text, &scratch)
    }
}

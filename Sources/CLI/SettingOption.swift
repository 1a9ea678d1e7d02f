package import ArgumentParser
package import Settings

/// A setting's text on the command line. What it means, and whether it is right, ``Settings/Setting`` decides: the
/// same for flags, environment and file.
package struct FlagValue: Sendable {
    let setting: Setting
    let text: String

    var assignment: Assignment { Assignment(setting, text, from: .flag(setting.flag)) }
}

extension Option where Value == FlagValue? {
    /// The flag of a setting: `@Option(.interval) var interval: FlagValue?`
    package init(_ setting: Setting) {
        self.init(
            name: .customLong(setting.key), parsing: .unconditional, help: setting.argumentHelp,
            completion: setting.completion, transform: { FlagValue(setting: setting, text: $0) })
    }
}

extension Flag where Value == Bool? {
    /// The flags `--name` and `--no-name` of a setting that is on or off.
    package init(_ setting: Setting) {
        self.init(name: .customLong(setting.key), inversion: .prefixedNo, help: setting.argumentHelp)
    }
}

extension Setting {
    fileprivate var argumentHelp: ArgumentHelp {
        ArgumentHelp(
            "\(help)\(form == .toggle ? "" : standard.map { " (default: \($0))" } ?? "")", valueName: valueName)
    }

    fileprivate var completion: CompletionKind {
        switch form {
        case .path: .file()
        case .value where valueName.contains("|"): .list(valueName.split(separator: "|").map(String.init))
        case .value, .toggle: .default
        }
    }
}

/// Options that are settings, and all that a command has.
package protocol ResolvableOptions: SettingOptions {
    var file: FileOption { get }
}

/// Options that are settings.
package protocol SettingOptions: ParsableArguments {
    /// Those that are on or off. They carry no setting of their own, so it is named here.
    var toggles: [(setting: Setting, isOn: Bool?)] { get }
    /// Further groups within.
    var groups: [any SettingOptions] { get }
}

extension SettingOptions {
    package var toggles: [(setting: Setting, isOn: Bool?)] { [] }
    package var groups: [any SettingOptions] { [] }

    /// What the command line sets.
    package var assignments: [Assignment] {
        let values = Mirror(reflecting: self).children.compactMap { ($0.value as? Option<FlagValue?>)?.wrappedValue }
        let switches = toggles.compactMap { toggle in
            toggle.isOn.map {
                Assignment(
                    toggle.setting, $0 ? "on" : "off",
                    from: .flag($0 ? toggle.setting.flag : "--no-\(toggle.setting.key)"))
            }
        }
        return values.map(\.assignment) + switches + groups.flatMap(\.assignments)
    }

    /// Refuses values that make no sense, as part of parsing.
    package mutating func validate() throws {
        var scratch = AgentConfiguration()
        do throws(ConfigurationError) {
            for assignment in assignments { try assignment.apply(to: &scratch) }
        } catch {
            throw ValidationError(error.description)
        }
    }
}

extension ResolvableOptions {
    /// What is in force with these flags, the environment and the file.
    package func resolve(in environment: HostEnvironment = .current()) throws(ConfigurationError)
        -> ResolvedConfiguration
    {
        try Layers.resolve(flags: assignments, file: file.path, in: environment)
    }
}

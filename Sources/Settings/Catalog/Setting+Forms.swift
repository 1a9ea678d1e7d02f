internal import Linux

/// Settings by the form of their value.
extension Setting {
    typealias Path<Value> = WritableKeyPath<AgentConfiguration, Value> & Sendable

    /// A value that `parse` reads and `show` writes.
    static func value<Value>(
        _ key: String, _ path: any Path<Value>, form: Form = .value, valueName: String, help: String,
        defaultText: String? = nil, show: @escaping @Sendable (Value) -> String?,
        parse: @escaping @Sendable (String) throws(Refusal) -> Value
    ) -> Setting {
        Setting(key, form, valueName: valueName, help: help, defaultText: defaultText) {
            (text, configuration) throws(Refusal) in
            configuration[keyPath: path] = try parse(text)
        } show: {
            show($0[keyPath: path])
        }
    }

    /// One of the words of an enumeration.
    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ key: String, _ path: any Path<Value>, help: String
    ) -> Setting {
        let words = Value.allCases.map(\.rawValue)
        return value(key, path, valueName: words.joined(separator: "|"), help: help, show: \.rawValue) {
            (text) throws(Refusal) in
            guard let value = Value(rawValue: text) else {
                throw Refusal("\(quoted(text)) is not one of \(words.joined(separator: ", "))")
            }
            return value
        }
    }

    /// A length of time.
    static func time(
        _ key: String, _ path: any Path<Duration>, in range: ClosedRange<Duration>? = nil, help: String
    ) -> Setting {
        value(key, path, valueName: "time", help: help, show: { TimeSpan($0).description }) {
            (text) throws(Refusal) in
            guard let time = TimeSpan(text: text)?.duration else {
                throw Refusal("\(quoted(text)) is not a time: write a number with ms, s, m, h or d, such as 10m")
            }
            if let range, !range.contains(time) {
                throw Refusal("must lie between \(TimeSpan(range.lowerBound)) and \(TimeSpan(range.upperBound))")
            }
            return time
        }
    }

    /// A whole number.
    static func integer(
        _ key: String, _ path: any Path<Int>, in range: ClosedRange<Int>, valueName: String = "n", help: String
    ) -> Setting {
        value(key, path, valueName: valueName, help: help, show: { "\($0)" }) { (text) throws(Refusal) in
            guard let number = Int(text), range.contains(number) else {
                throw Refusal(
                    "\(quoted(text)) is not a whole number between \(range.lowerBound) and \(range.upperBound)")
            }
            return number
        }
    }

    /// Something that is on or off.
    ///
    /// - Parameter isInverted: for a setting that, when on, switches its property off.
    static func toggle(
        _ key: String, _ path: any Path<Bool>, isInverted: Bool = false, help: String
    ) -> Setting {
        value(
            key, path, form: .toggle, valueName: "on|off", help: help, show: { $0 != isInverted ? "on" : "off" }
        ) { (text) throws(Refusal) in
            switch text {
            case "on", "true", "yes", "1": !isInverted
            case "off", "false", "no", "0": isInverted
            default: throw Refusal("\(quoted(text)) is neither on nor off")
            }
        }
    }

    /// The path of a file or directory, or nothing.
    static func path(
        _ key: String, _ path: any Path<String?>, valueName: String = "file", help: String, defaultText: String? = nil
    ) -> Setting {
        value(
            key, path, form: .path, valueName: valueName, help: help, defaultText: defaultText, show: \.self,
            parse: nonempty)
    }

    /// The path of a file or directory.
    static func path(
        _ key: String, _ path: any Path<String>, valueName: String = "file", help: String
    ) -> Setting {
        value(key, path, form: .path, valueName: valueName, help: help, show: \.self, parse: nonempty)
    }

    static let nonempty: @Sendable (String) throws(Refusal) -> String = { (text) throws(Refusal) in
        guard !text.isEmpty else { throw Refusal("must not be empty") }
        return text
    }
}

/// `text` in quotes, fit for a message.
func quoted(_ text: String) -> String { "'\(printable(text, limit: 60))'" }

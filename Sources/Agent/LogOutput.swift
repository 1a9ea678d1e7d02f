internal import Engine
internal import Glibc
package import Logging
package import Settings

/// Writes log lines to standard error, one write(2) each.
package struct LogOutput: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let format: LogFormat

    package init(level: Logger.Level, format: LogFormat) {
        logLevel = level
        self.format = format
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { ($0.key, "\($0.value)") }
        let line = Self.line(
            time: Timestamp.format(unixTime: SystemClock().unixTime), level: event.level, message: "\(event.message)",
            fields: fields, format: format)
        _ = Array(line.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// One line, newline included. Control characters in messages cannot forge further lines.
    static func line(
        time: String, level: Logger.Level, message: String, fields: [(String, String)], format: LogFormat
    ) -> String {
        switch format {
        case .text:
            let head = "\(time) \(level) \(quoted(message, always: false, keepSpaces: true))"
            return head + fields.map { " \($0.0)=\(quoted($0.1, always: false))" }.joined() + "\n"
        case .json:
            let pairs = [("time", time), ("level", "\(level)"), ("message", message)] + fields
            return "{" + pairs.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}\n"
        }
    }

    /// A JSON string; where not `always`, bare when nothing in it needs quoting.
    private static func quoted(_ text: String, always: Bool = true, keepSpaces: Bool = false) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && scalar != "\"" && scalar != "\\" && scalar.value != 0x7F
                || keepSpaces && scalar == " "
        }
        if isPlain, !always, !text.isEmpty { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\u{0}"..."\u{1F}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

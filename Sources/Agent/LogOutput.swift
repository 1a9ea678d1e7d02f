internal import Engine
internal import Formatting
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

    /// One line, newline included. Nothing in a message can forge further lines or control a terminal.
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
            scalar.isPrintable && scalar != "\"" && scalar != "\\" && (scalar != " " || keepSpaces)
        }
        if isPlain, !always, !text.isEmpty { return text }
        return String(
            decoding: ByteSink.collect { sink in
                sink.append(upTo: 6 * text.utf8.count + 2) { $0.append(quoted: text) }
            }, as: UTF8.self)
    }
}

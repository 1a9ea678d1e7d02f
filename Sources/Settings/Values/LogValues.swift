package import Logging

/// What is logged to standard error.
package struct LogValues: Sendable, Equatable {
    /// The lowest level that is written.
    package var level = Logger.Level.info
    package var format = LogFormat.text

    package init() {}
}

/// The shape of log lines.
package enum LogFormat: String, CaseIterable, Sendable {
    /// For people: time, level, message, key=value.
    case text
    /// For machines: one JSON object per line.
    case json
}

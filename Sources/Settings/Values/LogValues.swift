package import Logging

/// What is logged to standard error.
package struct LogValues: Sendable, Equatable {
    /// The lowest level that is written.
    package var level = Logger.Level.info
    package var format = LogFormat.auto

    package init() {}
}

/// The shape of log lines.
package enum LogFormat: String, CaseIterable, Sendable {
    /// For the journal where standard error is connected to it, else for people.
    case auto
    /// For people: time, level, message, key=value.
    case text
    /// For machines: one JSON object per line.
    case json
    /// For systemd's journal: the level as sd-daemon(3) has it, no time.
    case journald
}

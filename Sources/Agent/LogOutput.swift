internal import Engine
internal import Formatting
internal import Glibc
package import Logging
package import Settings
internal import Synchronization

/// Writes log lines to standard error, one write(2) each as a rule. Where the reader of that has stopped reading, lines are
/// dropped, and the next one says how many: the tick logs too, and must not wait for a reader.
package struct LogOutput: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let format: LogFormat

    /// - Parameter journal: the variable `JOURNAL_STREAM`: where standard error is the journal, its device and inode.
    package init(level: Logger.Level, format: LogFormat, journal: String? = nil) {
        logLevel = level
        self.format = format == .auto ? Self.isJournal(STDERR_FILENO, journal) ? .journald : .text : format
    }

    /// sd-daemon(3), systemd.exec(5): a process that was given a log of its own inherits the variable all the same.
    static func isJournal(_ descriptor: Int32, _ journal: String?) -> Bool {
        var status = stat()
        guard let journal, fstat(descriptor, &status) == 0 else { return false }
        return journal == "\(status.st_dev):\(status.st_ino)"
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let message = "\(event.message)"
        // What was configured, and the last words, are always there.
        let isLimited = event.level >= .info && event.level < .critical
        var suppressed: UInt64 = 0
        if isLimited {
            let admitted = Self.limit.withLock { $0.admit(message, at: .now) }
            guard let admitted else {
                Self.counts.withLock { $0.suppressed += 1 }
                return
            }
            suppressed = admitted
        }
        var fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { ($0.key, "\($0.value)") }
        if suppressed > 0 { fields.append(("suppressed", "\(suppressed)")) }
        let line = Self.line(
            time: Timestamp.format(unixTime: SystemClock().unixTime), level: event.level, message: message,
            fields: fields, format: format)
        Self.dropped.withLock { dropped in
            let note =
                dropped == 0
                ? ""
                : Self.line(
                    time: Timestamp.format(unixTime: SystemClock().unixTime), level: .warning,
                    message: "log lines were dropped: nothing read them", fields: [("lines", "\(dropped)")],
                    format: format)
            let isWritten = writeWithoutWaiting(Array((note + line).utf8), to: STDERR_FILENO)
            dropped = isWritten ? 0 : dropped + 1
            if !isWritten { Self.counts.withLock { $0.dropped += 1 } }
        }
    }

    /// Lines since the start that nothing read, and those that repeated others.
    struct Counts {
        var dropped: UInt64 = 0
        var suppressed: UInt64 = 0
    }

    static var losses: Counts { counts.withLock(\.self) }

    private static let dropped = Mutex<UInt64>(0)
    private static let counts = Mutex(Counts())
    private static let limit = Mutex(LogLimit())

    /// One line, newline included. Nothing in a message can forge further lines or control a terminal.
    static func line(
        time: String, level: Logger.Level, message: String, fields: [(String, String)], format: LogFormat
    ) -> String {
        switch format {
        case .journald:
            // The journal has the time, and shows the level as a colour.
            let text = "<\(priority(level))>\(quoted(message, always: false, keepSpaces: true))"
            return text + fields.map { " \($0.0)=\(quoted($0.1, always: false))" }.joined() + "\n"
        case .text, .auto:
            let head = "\(time) \(level) \(quoted(message, always: false, keepSpaces: true))"
            return head + fields.map { " \($0.0)=\(quoted($0.1, always: false))" }.joined() + "\n"
        case .json:
            let pairs = [("time", time), ("level", "\(level)"), ("message", message)] + fields
            return "{" + pairs.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}\n"
        }
    }

    /// syslog(3)
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
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

/// False where there is no room for all of it: then some or nothing was written.
///
/// The descriptor is shared with other processes and stays as it is. A pipe that is ready has room for a page.
func writeWithoutWaiting(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, 0) == 1 else { return false }
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, min($0.count, 4096)) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
    }
    return true
}

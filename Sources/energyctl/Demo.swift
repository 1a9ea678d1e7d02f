import ArgumentParser
import CLI
import Composition
import Engine
import Glibc
import History
import Linux
import Logging
import Recording
import Reporting
import Simulation
import Snapshot
import Terminal

/// A node to try everything on.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try everything on a simulated node with 30 days of history.",
        discussion: """
            The node does not exist: a shop, a database, jobs by night and training by day on 16 CPUs with a simulated \
            meter. What is shown comes from the real engine, history and reports. Needs no privileges and leaves \
            nothing behind, unless --to names a directory.

            EXAMPLES
              energyctl demo                                    the live view; ? shows its keys
              energyctl demo report --since 30d --by owner      any options of energyctl report
              energyctl demo report --output html > demo.html
              energyctl demo --to demo                          the history and a recording, to try other commands on

            EXIT STATUS
              that of the command that is tried; 1 failed, 2 wrong options
            """)

    @Option(
        help: ArgumentHelp(
            "Keep the history and a recording in this directory, which must not exist yet.",
            valueName: "dir"), completion: .directory)
    var to: String?

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("top or report, with options of it. (default: top)", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        if to != nil, !command.isEmpty { throw ValidationError("--to takes no command: leave out \(command[0])") }
        if let first = command.first, !["top", "report"].contains(first) {
            throw ValidationError("\(first) cannot be tried: use top or report")
        }
    }

    func run() async throws {
        if let to { return try keep(in: to) }
        let directory = try TemporaryHistory()
        defer { directory.remove() }
        try makeHistory(directory.file)
        let options = Array(command.dropFirst())
        if command.first == "report" {
            return try await MakeReport.parse(options + ["--file", directory.file]).run()
        }
        let node = DemoNode(startingAt: Double(time(nil)))
        try await Top.parse(options).run(on: ReplaySource(node, history: directory.file), of: "a simulated node")
    }

    /// Thirty days, the last of them by minutes, up to now.
    private func makeHistory(_ file: String) throws {
        let now = Double(time(nil))
        let silent = Logger(label: "energyctl") { _ in SwiftLogNoOpLogHandler() }
        let engine = try ReplayingEngine(
            DemoNode(startingAt: (now / 3600).rounded(.down) * 3600 - Self.days * 86_400, step: 600), flags: [],
            logger: silent)
        let line = ProgressLine("simulating 30 days")
        do {
            let store = try HistoryStore(HistorySettings(path: file, minutes: 26 * 3600))
            var recorder = HistoryRecorder()
            while let snapshot = try engine.next() {
                if let minute = recorder.take(snapshot) { try store.append(minute) }
                let left = now - snapshot.unixTime
                line.show(min(0.99, 1 - left / (Self.days * 86_400)))
                if left < 60 { break }
                engine.ticks.step = left > 25 * 3600 ? 600 : 60
            }
            if let minute = recorder.finish() { try store.append(minute) }
        } catch let error as HistoryError {
            throw SourceFailure("\(file): \(error)")
        } catch let error as SQLiteError {
            throw SourceFailure("\(file): \(error)")
        }
        line.show(1)
    }

    private static let days = 30.0

    private func keep(in directory: String) throws {
        guard mkdir(directory, 0o755) == 0 else {
            throw SourceFailure("\(directory): \(String(cString: strerror(errno)))")
        }
        try makeHistory(directory + "/history.db")
        let recording = try RecordingOutput(directory + "/node.rec")
        var (node, writer) = (DemoNode(startingAt: Double(time(nil)) - 600), RecordingWriter())
        try recording.write(writer.begin(node.header))
        for _ in 0...600 { if let tick = node.next() { try recording.write(writer.append(tick)) } }
        try recording.write(writer.flush())
        try recording.close()
        let place = printable(directory)
        try Output.write(lines: [
            "made \(place)/history.db, 30 days of a simulated node, and \(place)/node.rec, its last 10 minutes. Try:",
            "  energyctl report --file \(place)/history.db --since 7d --by owner",
            "  energyctl report --file \(place)/history.db --since 30d --output html > \(place)/report.html",
            "  energyctl history verify --file \(place)/history.db",
            "  energyctl replay \(place)/node.rec --carbon.zone FR",
            "  energyctl top --replay \(place)/node.rec",
        ])
    }
}

/// A directory with a history that goes with the command.
private struct TemporaryHistory {
    private let directory: String
    var file: String { directory + "/history.db" }

    init() throws(SourceFailure) {
        let base = Environment.value("TMPDIR") ?? "/tmp"
        var template = Array((base + "/energyctl-demo-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw SourceFailure("\(base): \(String(cString: strerror(errno)))")
        }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() {
        for ending in ["", "-wal", "-shm", ".lock"] { unlink(file + ending) }
        rmdir(directory)
    }
}

import ArgumentParser
import CLI
import Composition
import Engine
import Formatting
import Linux
import Logging
import Recording
import Reporting
import Settings
import Snapshot
import Terminal

/// Makes figures of a recording.
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the figures of a recording again, or others with other settings.",
        discussion: """
            Runs the agent's engine on a file of `energyctl record`, as fast as it can, on any machine and without \
            privileges. The snapshots are those that were recorded, byte by byte, which is checked; with options such as \
            --attribution or --power.sources they are what the agent would have found with these settings, beside what it \
            found.

            EXAMPLES
              energyctl replay node.rec
              energyctl replay node.rec --attribution cpu-time   other shares of the same energy
              energyctl replay node.rec --power.sources estimate how far an estimate would have been off
              energyctl replay node.rec --carbon.zone FR         in another country
              energyctl replay node.rec --output jsonl | jq .node.powerWatts
              energyctl top --replay node.rec                    as a live view

            EXIT STATUS
              0 done, 1 the recording cannot be read, 2 wrong options, 3 the same version and settings gave other figures
            """)

    enum OutputFormat: String, CaseIterable, ExpressibleByArgument { case table, json, jsonl }

    @Argument(help: "The recording.", completion: .file())
    var file: String

    @Option(
        help:
            "table; json: the last snapshot, whose totals are those of the whole time; jsonl: every snapshot, a line each."
    )
    var output = OutputFormat.table

    @Option(help: ArgumentHelp("At most this many rows of the table.", valueName: "rows"))
    var limit = 20

    @Option(
        help: ArgumentHelp(
            "With jsonl: as many times faster than it was. (default: as fast as possible)", valueName: "factor"))
    var speed: Double?

    @OptionGroup(title: "What if")
    var engine: EngineOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        if let speed, !(speed > 0 && speed <= 1e6) { throw ValidationError("--speed must lie between 0 and 1000000") }
        if speed != nil, output != .jsonl { throw ValidationError("--speed is for --output jsonl: leave it out") }
    }

    func run() async throws {
        let flags = engine.assignments
        switch output {
        case .jsonl:
            try await replay(flags) { snapshot in
                if let speed { try await Task.sleep(for: .seconds(min(snapshot.windowSeconds / speed, 3600))) }
                try Output.write(try snapshot.json() + [UInt8(ascii: "\n")])
            }
        case .json:
            let last = try await replay(flags).last
            try Output.write(try last.json() + [UInt8(ascii: "\n")])
        case .table:
            let recorded = try await replay([])
            let other = flags.isEmpty ? nil : try await replay(flags)
            let table = ReplayTable(
                recorded: recorded.last, other: other?.last, changed: flags.map { "\($0.setting.flag) \($0.text)" })
            try Output.write(lines: heading(recorded) + [""] + table.lines(limit: limit))
            if recorded.isWrong { throw ExitCode(3) }
        }
    }

    private struct Outcome {
        var first: Snapshot
        var last: Snapshot
        var count: Int
        var engine: ReplayingEngine<RecordingReader>

        /// Other figures than this version made of the same.
        var isWrong: Bool { engine.different > 0 && engine.ticks.header.program == energydBuild }
    }

    @discardableResult
    private func replay(
        _ flags: [Assignment],
        _ each: nonisolated(nonsending) (Snapshot) async throws -> Void = { _ in }
    ) async throws -> Outcome {
        let input = try RecordingInput(file)
        let silent = Logger(label: "energyctl") { _ in SwiftLogNoOpLogHandler() }
        do {
            let engine = try ReplayingEngine(try input.reader(), flags: flags, logger: silent)
            let line = StatusLine()
            var (first, last, count): (Snapshot?, Snapshot?, Int) = (nil, nil, 0)
            while let snapshot = try engine.next() {
                first = first ?? snapshot
                last = snapshot
                count += 1
                if count % 100 == 0, output != .jsonl { line.show("replaying: \(snapshot.timestamp)") }
                try await each(snapshot)
            }
            line.clear()
            guard let first, let last else { throw RecordingError(code: .unreadable("the recording has no window")) }
            return Outcome(first: first, last: last, count: count, engine: engine)
        } catch let error as RecordingError {
            throw SourceFailure("\(file): \(error)")
        }
    }

    private func heading(_ outcome: Outcome) -> [String] {
        let (header, engine) = (outcome.engine.ticks.header, outcome.engine)
        let (first, last) = (outcome.first, outcome.last)
        let start = LocalCalendar.moment(Int64(first.unixTime - first.windowSeconds))
        let end = LocalCalendar.moment(Int64(last.unixTime))
        var lines = [
            "\(printable(file)): \(printable(last.node.name)), \(start.text) to \(end.text) (UTC\(end.offset)), "
                + "\(outcome.count) windows, recorded by \(printable(header.program))"
        ]
        if header.isAnonymised { lines.append("names were replaced") }
        if engine.failed > 0 { lines.append("\(engine.failed) ticks failed, as they did when they were recorded") }
        if engine.ticks.breaksOff {
            lines.append("the file ends in the middle: the recorder was killed, or the file was cut")
        }
        if engine.different > 0 {
            let reason =
                header.program == energydBuild
                ? "which is an error: please report it" : "because this is another version, \(energydBuild)"
            lines.append("\(engine.different) of \(outcome.count) snapshots differ from those of then, \(reason)")
        } else if engine.identical > 0 {
            lines.append("all snapshots are those of then, byte by byte")
        }
        return lines
    }
}

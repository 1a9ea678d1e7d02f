import ArgumentParser
import CLI
import Composition
import Engine
import Formatting
import Linux
import Logging
import Recording
import Settings
import Terminal

/// Records what an engine takes in.
struct Record: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Record all that the figures of this node come from, to replay it elsewhere.",
        discussion: """
            Measures as the agent does, beside it, and writes what meters, kernel, cgroups, names and clock said into one \
            file. `energyctl replay` makes the same figures of it anywhere, or others with other settings: for a report \
            of a wrong figure, for a comparison of methods, for a test. About 1 to 5 MB an hour.

            Where an agent runs, its settings are used; options given here replace them. Pods are named by the kubelet's \
            directories and the container runtimes, not by the Kubernetes API. Secrets are never in the file; with \
            --anonymise names are not either. Ends after --for, at --max-size, or by Ctrl-C; whenever it ends, the file \
            is whole up to the last minute.

            EXAMPLES
              sudo energyctl record --for 10m
              sudo energyctl record --for 1h --anonymise --to node.rec
              energyctl record --from node.rec --anonymise --to public.rec

            EXIT STATUS
              0 done, 1 failed, 2 wrong options or configuration
            """)

    @Option(
        help: ArgumentHelp("The file, which must not exist yet. (default: energyd-DATE.rec)", valueName: "file"),
        completion: .file())
    var to: String?

    @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "time"))
    var length: TimeSpan?

    @Option(help: ArgumentHelp("End when the file has so many megabytes.", valueName: "MB"))
    var maxSize = 256

    @Flag(
        name: [.customLong("anonymise"), .customLong("anonymize")],
        help: "Replace names: of pods, containers, units, users, processes, images and the node.")
    var anonymise = false

    @Option(
        help: ArgumentHelp(
            "Copy this recording, with --anonymise without its names, instead of measuring.",
            valueName: "file"), completion: .file())
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Whose settings are used: auto, those of the agent that runs here; those of the agent with this process id; "
                + "none, only those given.", valueName: "auto|pid|none"))
    var settingsOf = AgentSelection.auto

    @OptionGroup(title: "Measuring")
    var engine: AgentOptions

    func validate() throws {
        guard maxSize >= 1, maxSize <= 100_000 else {
            throw ValidationError("--max-size must lie between 1 and 100000 megabytes")
        }
        if from != nil, to == nil { throw ValidationError("--from needs --to FILE, where the copy goes") }
        if from != nil, length != nil { throw ValidationError("--for is for measuring: leave it out with --from") }
    }

    func run() async throws {
        if let from, let to {
            let file = try RecordingOutput(to)
            return try file.removedOnFailure { try copy(from, to: file) }
        }
        let agent = try RunningAgent.find(settingsOf)
        let resolved = try agent?.resolve(engine) ?? engine.resolve()
        let file = try RecordingOutput(to ?? "energyd-\(LocalClock.fileStamp()).rec")
        try await withLiveSources(resolved.values) { configuration in
            try configuration.checkPaths()
            try await record(configuration, resolved.recorded, to: file)
        }
    }

    private func record(
        _ configuration: EngineConfiguration, _ settings: [(key: String, text: String)], to file: RecordingOutput
    ) async throws {
        let silent = Logger(label: "energyctl") { _ in SwiftLogNoOpLogHandler() }
        let engine = try file.removedOnFailure {
            try RecordingEngine(
                configuration, settings: settings, isAnonymised: anonymise, logger: silent
            ) { try file.write($0) }
        }
        let limit = maxSize << 20
        let line = StatusLine()
        let outcome: RecordingRun.Outcome
        do {
            outcome = try await RecordingRun(length: length?.duration, configuration: configuration).run(engine) {
                line.show(
                    "recording to \(printable(file.path)): \(Format.duration($0)), \(size(engine.bytesWritten)); "
                        + "Ctrl-C ends it")
                return engine.bytesWritten < limit
            }
        } catch let error as RecordingOutput.Failure {
            line.clear()
            throw SourceFailure("\(error); what was recorded before it can be replayed")
        }
        line.clear()
        try engine.finish()
        try file.close()
        let failed =
            outcome.lastFailure.map {
                ", of which \(outcome.failures) failed (\(printable("\($0)", limit: 500)))"
            } ?? ""
        try Output.write(lines: [
            "recorded \(outcome.ticks) ticks\(failed) in \(Format.duration(outcome.seconds)) to "
                + "\(printable(file.path)), \(size(engine.bytesWritten))",
            "energyctl replay \(printable(file.path))",
        ])
    }

    private func copy(_ source: String, to file: RecordingOutput) throws {
        let input = try RecordingInput(source)
        var reader = try input.reader()
        var (writer, anonymiser) = (RecordingWriter(), Anonymiser())
        var header = reader.header
        if anonymise { anonymiser.replaceNames(in: &header) }
        try file.write(writer.begin(header))
        var count = 0
        do throws(RecordingError) {
            while var tick = try reader.next() {
                if anonymise { anonymiser.replaceNames(in: &tick) }
                count += 1
                let bytes = writer.append(tick)
                do { try file.write(bytes) } catch { throw RecordingError(code: .unreadable("\(error)")) }
            }
        } catch {
            throw SourceFailure("\(source): \(error)")
        }
        try file.write(writer.flush())
        try file.close()
        try Output.write(lines: ["copied \(count) ticks to \(printable(file.path))"])
    }

    private func size(_ bytes: Int) -> String {
        bytes < 1_000_000 ? "\(bytes / 1000) kB" : "\(Format.fixed(Double(bytes) / 1e6, digits: 1)) MB"
    }
}

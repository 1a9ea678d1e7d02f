import ArgumentParser
import CLI
import Glibc
import Linux
import Settings
import Snapshot
import Terminal

/// The live view, and the same figures once for scripts.
struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what uses the energy of this node, live.",
        discussion: """
            Reads from the agent on this node. Without one it takes its own measurements: in the kernel when run as \
            root, from cpu.stat and /proc otherwise, with the agent's settings from options, environment and file. \
            Press h in the view for its keys.

            EXAMPLES
              energyctl top                                  live, every second
              energyctl top --group-by namespace             by Kubernetes namespace
              energyctl top --group-by owner                 by Deployment, StatefulSet, Job
              energyctl top --group-by label:team            by a label of the pods
              energyctl top --once --sort joules --limit 10  the ten largest
              energyctl top --address http://node7:9464      another node's agent
              energyctl top --once --output json | jq .node.powerWatts
              energyctl top --output json --interval 10s >> power.jsonl

            EXIT STATUS
              0 done, 1 failed, such as when the agent cannot be reached, 2 wrong options or configuration
            """)

    enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
        case table, json
    }

    @Option(
        help: ArgumentHelp(
            "The agent: http://HOST:PORT, https://HOST:PORT or unix:/PATH.",
            discussion: "Default: its socket, then http://127.0.0.1:9464; if neither answers, measure in this process.",
            valueName: "address"))
    var address: AgentAddress?

    @OptionGroup var access: AccessOptions

    @Option(help: ArgumentHelp("Time between refreshes, such as 500ms, 2s or 1m.", valueName: "time"))
    var interval = TimeSpan(.seconds(1))

    @Flag(help: "Print once and exit.")
    var once = false

    @Option(help: "table, or json: the snapshot as the agent serves it, one line each without --once.")
    var output: OutputFormat = .table

    @Option(
        help: ArgumentHelp(
            "Which rows to show; all is the tree of workloads. (default: all, or process where there are only processes)",
            discussion: "owner and label:KEY need an agent with --kubernetes, and KEY among its --kubernetes.labels.",
            valueName: "rows"))
    var groupBy: Grouping?

    @Option(help: "The column to sort by. (default: watts)")
    var sort: SortKey?

    @Option(help: ArgumentHelp("Only rows with this text in their name, kind, path or labels.", valueName: "text"))
    var filter: String?

    @Option(help: ArgumentHelp("At most this many rows.", valueName: "rows"))
    var limit: Int?

    @Flag(name: [.customLong("no-colour"), .customLong("no-color")], help: "No colours; NO_COLOR does the same.")
    var noColour = false

    @OptionGroup(title: "Measuring without an agent")
    var engine: EngineOptions

    func validate() throws {
        try AgentAddress.check(address)
        guard interval.duration >= .milliseconds(100), interval.duration <= .seconds(3600) else {
            throw ValidationError("--interval must lie between 100ms and 1h")
        }
        if let limit, limit < 1 {
            throw ValidationError("--limit must be at least 1")
        }
        if output == .json, groupBy != nil || sort != nil || filter != nil || limit != nil {
            throw ValidationError(
                "--group-by, --sort, --filter and --limit are for tables; json is the whole snapshot: pick with jq, "
                    + "such as '.aggregates[] | select(.kind == \"owner\")'")
        }
    }

    func run() async throws {
        if output == .table, !once {
            try checkTerminal()
        }
        try await SourceResolution.withSource(
            address, access: access.values, configuration: { try engine.resolve().values }, show)
    }

    private func show(_ source: any SnapshotSource) async throws {
        var source = source
        do {
            switch (output, once) {
            case (.table, false):
                // Before the screen is taken.
                if groupBy?.isSum == true { try checkGrouping(try await source.next()) }
                try await LiveView.run(source, model: model, choosesGrouping: groupBy == nil, colour: isColoured)
                return
            case (.table, true): try await printTable(&source)
            case (.json, _): try await printJSON(&source)
            }
        } catch let error as Output.Failure where error.isClosedPipe {
            // The reader has seen enough.
        } catch {
            await source.close()
            throw error
        }
        await source.close()
    }

    private var model: TopModel {
        TopModel(
            grouping: groupBy ?? .all, sort: sort ?? .watts, filter: filter ?? "", limit: limit,
            interval: interval.duration / .seconds(1))
    }

    private var isColoured: Bool {
        ColourPolicy.isWanted(isDisabled: noColour, isTerminal: isatty(STDOUT_FILENO) == 1)
    }

    private func checkTerminal() throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, Environment.value("TERM") != "dumb" else {
            throw ValidationError("the live view needs a terminal: use --once, or --output json for a stream")
        }
    }

    private func checkGrouping(_ snapshot: Snapshot) throws {
        guard let groupBy, let problem = groupBy.problem(in: snapshot) else { return }
        throw ValidationError("--group-by \(groupBy.text): \(problem)")
    }

    private func printTable(_ source: inout any SnapshotSource) async throws {
        let snapshot = try await source.next()
        try checkGrouping(snapshot)
        var model = model
        if groupBy == nil { model.grouping = .suited(to: snapshot) }
        let width = isatty(STDOUT_FILENO) == 1 ? TerminalSize.current().columns : nil
        try Output.write(
            lines: TableView.render(snapshot: snapshot, model: model, width: width, colour: isColoured))
    }

    private func printJSON(_ source: inout any SnapshotSource) async throws {
        var lastFailure: String?
        repeat {
            do {
                let document = try await source.nextDocument()
                if lastFailure != nil { try report("the agent answers again") }
                lastFailure = nil
                try write(document)
            } catch let failure as SourceFailure where !once {
                // Keep trying, as the live view does: an upgrade of the agent must not end a recording.
                if lastFailure != "\(failure)" { try report("\(failure)") }
                lastFailure = "\(failure)"
            }
            if !once { try await Task.sleep(for: interval.duration) }
        } while !once
    }

    /// A document may hold line feeds between its tokens, never inside a string: as spaces they mean the same.
    private func write(_ document: [UInt8]) throws {
        let line = once ? document : document.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        try Output.write(line + (line.last == 0x0A ? [] : [0x0A]))
    }

    private func report(_ text: String) throws {
        try Output.write(lines: ["energyctl: \(printable(text, limit: .max))"], to: STDERR_FILENO)
    }
}

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
              energyctl top --filter 'watts>1 and ns=prod'   what matches; press ? in the view for all conditions
              energyctl top --address http://node7:9464      another node's agent
              energyctl top --address http://node7:9464 --address http://node8:9464
              energyctl top --prometheus http://prometheus:9090
              energyctl top --replay node.rec                a recording; see energyctl record
              energyctl top --plain --interval 10s           sentences in place of a screen, as for a screen reader
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
            discussion: "Default: its socket, then http://127.0.0.1:9464; if neither answers, measure in this process. "
                + "Given several times: these nodes side by side, each with its workloads below it.",
            valueName: "address"))
    var address: [AgentAddress] = []

    @Option(
        help: ArgumentHelp(
            "A Prometheus that scrapes the agents: all of their nodes side by side.",
            discussion: "Its HTTP API, such as http://prometheus:9090. Powers follow at its scrape interval.",
            valueName: "url"))
    var prometheus: PrometheusAddress?

    @Option(
        help: ArgumentHelp(
            "Show a recording in place of a node: a tick at each refresh.", valueName: "file"), completion: .file())
    var replay: String?

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

    @Option(
        help: ArgumentHelp(
            "Only rows that match: a text in their name, kind, path or labels, or conditions.",
            discussion: "Such as 'watts>1 and ns=prod', 'name~web', 'not kind=unit', 'label:team=x'; see docs/top.md.",
            valueName: "filter"))
    var filter: String?

    @Option(help: ArgumentHelp("At most this many rows.", valueName: "rows"))
    var limit: Int?

    @Option(
        help: ArgumentHelp("Powers in the view: now, or the mean of 10s or 1min. (default: 10s)", valueName: "time"))
    var average: Average?

    @Flag(help: "Print sentences at each interval, without drawing on the screen: for screen readers.")
    var plain = false

    @Flag(help: "Let the mouse choose rows in the view; selecting text then needs the Shift key.")
    var mouse = false

    @Option(help: "Colours of the view: standard, or colour-blind, which is blue and orange. (default: standard)")
    var palette: Look.Palette?

    @Flag(name: [.customLong("no-colour"), .customLong("no-color")], help: "No colours; NO_COLOR does the same.")
    var noColour = false

    @OptionGroup(title: "Measuring without an agent")
    var engine: EngineOptions

    func validate() throws {
        for address in address { try AgentAddress.check(address) }
        guard Set(address).count == address.count else {
            throw ValidationError("--address: the same address twice: leave out one of them")
        }
        if address.count > 1 || prometheus != nil, output == .json {
            throw ValidationError("--output json is one agent's snapshot: ask each --address by itself")
        }
        if prometheus != nil, !address.isEmpty {
            throw ValidationError("--prometheus and --address cannot be combined: leave out one of them")
        }
        if replay != nil, prometheus != nil || !address.isEmpty {
            throw ValidationError("--replay cannot be combined with --address or --prometheus: leave out one of them")
        }
        guard interval.duration >= .milliseconds(100), interval.duration <= .seconds(3600) else {
            throw ValidationError("--interval must lie between 100ms and 1h")
        }
        if let limit, limit < 1 {
            throw ValidationError("--limit must be at least 1")
        }
        if plain, output == .json {
            throw ValidationError("--plain prints sentences: leave it out, or --output json")
        }
        if output == .json, groupBy != nil || sort != nil || filter != nil || limit != nil {
            throw ValidationError(
                "--group-by, --sort, --filter and --limit are for tables; json is the whole snapshot: pick with jq, "
                    + "such as '.aggregates[] | select(.kind == \"owner\")'")
        }
    }

    func run() async throws {
        if let replay {
            let source = try ReplaySource(replay)
            return try await run(on: source, of: replay)
        }
        let (addresses, prometheus, access) = (address, prometheus, access.values)
        let configuration = Result { try engine.resolve().values }
        try await run(of: nil) { body in
            try await Self.withSource(addresses, prometheus, access, configuration, body)
        }
    }

    /// The same of a source that is there already.
    ///
    /// - Parameter name: what it is called until it has a snapshot.
    func run(on source: any SnapshotSource, of name: String) async throws {
        try await run(of: name) { body in try await body(source) }
    }

    /// - Parameter whom: that is shown; nil for what the options name.
    private func run(of whom: String?, _ connect: @escaping LiveView.Connect) async throws {
        if output == .table, !once, !plain { return try await showLive(whom, connect) }
        try await connect(show)
    }

    private static func withSource(
        _ addresses: [AgentAddress], _ prometheus: PrometheusAddress?, _ access: AgentAccess,
        _ configuration: Result<AgentConfiguration, any Error>,
        _ body: nonisolated(nonsending) (any SnapshotSource) async throws -> Void
    ) async throws {
        if let prometheus { return try await body(try PrometheusSource(prometheus, access: access)) }
        if addresses.count > 1 { return try await body(try FleetSource(addresses, access: access)) }
        try await SourceResolution.withSource(
            addresses.first, access: access, configuration: { try configuration.get() }, body)
    }

    /// The screen is there before there is anybody to ask.
    private func showLive(_ name: String?, _ connect: @escaping LiveView.Connect) async throws {
        try checkTerminal()
        let (settings, problem) = TopFiles.settings()
        let palette = palette ?? settings.palette
        let others = name.map { [$0] } ?? prometheus.map { [$0.description] } ?? address.map(\.description)
        let whom = others.isEmpty ? nil : others.joined(separator: " ")
        var session = Session(
            model: model(settings), look: .of(isPlain: noColour, palette: palette ?? .standard),
            choosesGrouping: groupBy == nil)
        session.model.remark = problem
        session.host = whom ?? "\(hostName())  \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) CPUs"
        session.message = .waiting(whom.map { "asking \($0)" } ?? "asking the agent, or measuring without one")
        // Of this machine only: nothing says whose reading that of an address was.
        let remembers = others.isEmpty
        if remembers, let last = TopFiles.lastReading() {
            let age = Format.duration(max(0, Double(time(nil)) - last.unixTime))
            session.remember(last)
            session.message = .waiting("figures of \(age) ago; waiting for the first reading")
        }
        let check = check
        let setup = LiveView.Setup(
            session: session, usesMouse: mouse, check: check,
            save: { TopFiles.save(TopSettings($0, palette: settings.palette)) },
            remember: { if remembers { TopFiles.keep($0) } })
        try await LiveView.run(setup, connect: connect)
    }

    private func show(_ source: any SnapshotSource) async throws {
        var source = source
        do {
            switch output {
            case .table where plain: try await printSentences(&source)
            case .table: try await printTable(&source)
            case .json: try await printJSON(&source)
            }
        } catch let error as Output.Failure where error.isClosedPipe {
            // The reader has seen enough.
        } catch {
            await source.close()
            throw error
        }
        await source.close()
    }

    /// Options come before what was chosen in the view.
    private func model(_ settings: TopSettings = TopSettings()) -> TopModel {
        var model = TopModel(
            grouping: groupBy ?? .all, sort: sort ?? settings.sort ?? .watts, filter: filter ?? "", limit: limit,
            interval: interval.duration / .seconds(1))
        model.average = average ?? settings.average ?? .tenSeconds
        model.columns = settings.columns
        return model
    }

    private func checkTerminal() throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, Environment.value("TERM") != "dumb" else {
            throw ValidationError("the live view needs a terminal: use --once, --plain, or --output json for a stream")
        }
    }

    /// Whether the agent has what was asked for.
    private var check: @Sendable (Snapshot) throws -> Void {
        { [groupBy] snapshot in
            guard let groupBy, let problem = groupBy.problem(in: snapshot) else { return }
            throw ValidationError("--group-by \(groupBy.text): \(problem)")
        }
    }

    private func printTable(_ source: inout any SnapshotSource) async throws {
        let snapshot = try await source.next()
        try check(snapshot)
        var model = model()
        if groupBy == nil { model.grouping = .suited(to: snapshot) }
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let isColoured = ColourPolicy.isWanted(isDisabled: noColour, isTerminal: isTerminal)
        try Output.write(
            lines: TableView.render(
                snapshot: snapshot, model: model, width: isTerminal ? TerminalSize.current().columns : nil,
                look: isColoured ? Look(.sixteen) : .bare))
    }

    private func printSentences(_ source: inout any SnapshotSource) async throws {
        var timeline = Timeline()
        var model = model()
        try await untilEnd {
            let snapshot = try await source.next()
            if timeline.count == 0 { try check(snapshot) }
            if groupBy == nil { model.grouping = .suited(to: snapshot) }
            let isFirst = timeline.count == 0
            timeline.append(snapshot)
            let shown = timeline.snapshot(average: model.average) ?? snapshot
            try Output.write(lines: ReaderView.lines(shown, model: model, showsNotices: isFirst))
        }
    }

    private func printJSON(_ source: inout any SnapshotSource) async throws {
        try await untilEnd { try write(try await source.nextDocument()) }
    }

    /// Does it once, or again after each interval. Without ``once`` an agent that does not answer is reported and asked
    /// again, as the live view does: its upgrade must not end a recording.
    private func untilEnd(_ body: () async throws -> Void) async throws {
        var lastFailure: String?
        repeat {
            do {
                try await body()
                if lastFailure != nil { try report("the agent answers again") }
                lastFailure = nil
            } catch let failure as SourceFailure where !once {
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

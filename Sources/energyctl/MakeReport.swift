import ArgumentParser
import CLI
import Glibc
import History
import Impact
import Linux
import Reporting
import Terminal

/// A grouping that a history has.
struct ReportGrouping: ExpressibleByArgument {
    let grouping: Grouping

    init?(argument: String) {
        guard let grouping = Grouping(text: argument), grouping.isOfReports else { return nil }
        self.grouping = grouping
    }

    init(_ grouping: Grouping) {
        self.grouping = grouping
    }

    static var allValueStrings: [String] { Grouping.ofReports.map(\.text) + ["label:KEY"] }
    var defaultValueDescription: String { grouping.text }
}

extension TimeExpression: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }

    public var defaultValueDescription: String { text }
}

/// What was used in a span of time, and by whom.
struct MakeReport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Report the energy, CO2 and cost of a span of time, by namespace, owner, pod, container or unit.",
        discussion: """
            Reads the history that an agent keeps with --history.path: from the agent on this node or the one at --address, \
            or from a file. Rows add up to the node: idle, system and unattributed energy are rows too. \
            See docs/report.md.

            Times are \(TimeExpression.examples); days are those of the local time zone (TZ).

            EXAMPLES
              energyctl report                                     the last 24 hours, by namespace
              energyctl report --since 7d --by owner               a week by Deployment, StatefulSet, Job
              energyctl report --since 2026-10-01 --until 2026-11-01 --output html > october.html
              energyctl report --since 30d --output focus > energy.csv
              energyctl report --since 1d --fail-on 'total kwh > 5' --fail-on 'any share > 50%'
              energyctl report --since 30d --restate carbon.zone=SE    what it would have been in Sweden

            EXIT STATUS
              0 done, 1 failed, 2 wrong options, 3 a condition of --fail-on holds
            """)

    enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
        case table, csv, json, html, markdown, focus
    }

    @Option(help: ArgumentHelp("Begin of the span.", valueName: "time"))
    var since = TimeExpression.dayAgo

    @Option(help: ArgumentHelp("End of the span.", valueName: "time"))
    var until = TimeExpression.now

    @Option(help: ArgumentHelp("What the rows stand for.", valueName: "dimension"))
    var by = ReportGrouping(.namespace)

    @Option(help: "table, csv, json, html, markdown or focus (FinOps billing columns).")
    var output = OutputFormat.table

    @Option(
        help: ArgumentHelp(
            "At most this many workloads, the rest as one row; for table and markdown.", valueName: "rows"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "Show the emissions and cost with another factor too: carbon.zone=CODE, carbon.intensity=G, carbon.pue=N or "
                + "price.per-kwh=0.32EUR; may be repeated.", valueName: "setting=value"))
    var restate: [String] = []

    @Option(
        name: .customLong("fail-on"),
        help: ArgumentHelp(
            "Exit with 3 where this holds: [SUBJECT] FIGURE >|>=|<|<= NUMBER. SUBJECT is total, any or a row's name, FIGURE "
                + "one of \(ReportCondition.Figure.allCases.map(\.rawValue).joined(separator: ", ")); may be repeated.",
            valueName: "condition"))
    var failOn: [String] = []

    @Option(help: ArgumentHelp("The history's file, in place of an agent.", valueName: "path"), completion: .file())
    var file: String?

    @Option(help: ArgumentHelp("The agent: HOST:PORT, https://HOST:PORT or unix:/PATH.", valueName: "address"))
    var address: AgentAddress?

    @OptionGroup var access: AccessOptions

    func validate() throws {
        try AgentAddress.check(address)
        if file != nil, address != nil { throw ValidationError("--file and --address cannot be combined: remove one") }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        _ = try conditions()
        _ = try Restatement(restate)
    }

    func run() async throws {
        let now = Self.now
        guard let start = since.unixTime(at: now), let end = until.unixTime(at: now) else {
            throw ValidationError("--since and --until must be times that a clock shows")
        }
        guard start >= 0 else { throw ValidationError("--since must not be before 1970") }
        guard start < end else { throw ValidationError("--since must be before --until") }
        let source = try await HistorySource.open(file: file, address: address, access: access.values)
        let report: Report
        do {
            report = try await makeReport(source, since: start, until: end)
        } catch {
            await source.close()
            throw error
        }
        await source.close()
        guard report.first != nil else {
            throw SourceFailure(
                "\(source.name): nothing was recorded from \(LocalCalendar.moment(start).text) to "
                    + "\(LocalCalendar.moment(end).text); energyctl history shows from when to when it reaches")
        }
        do {
            try write(report, at: now)
        } catch let error as Output.Failure where error.isClosedPipe {
            // The reader has seen enough.
        }
        let findings = try conditions().flatMap { $0.findings(in: report) }
        guard findings.isEmpty else {
            try Output.write(lines: findings.map { "energyctl: over budget: \($0)" }, to: STDERR_FILENO)
            throw ExitCode(3)
        }
    }

    private func makeReport(_ source: HistorySource, since: Int64, until: Int64) async throws -> Report {
        let line = ProgressLine("reading")
        let answer = try await source.answer(
            since: since, until: until, boundaries: ReportSteps.boundaries(since: since, until: until)
        ) { line.show($0 / 2) }
        let before = try await source.answer(since: max(0, 2 * since - until), until: since, boundaries: []) {
            line.show(0.5 + $0 / 2)
        }
        var report = Report(answer, by: by.grouping, previous: before)
        // A file may come from another machine.
        if report.node == nil, file == nil { report.node = hostName() }
        try Restatement(restate)?.apply(to: &report)
        return report
    }

    private func write(_ report: Report, at now: Int64) throws {
        switch output {
        case .table: try Output.write(lines: report.table(limit: limit))
        case .markdown: try Output.write(Array(report.markdown(limit: limit).utf8))
        case .csv: try Output.write(Array(report.csv.utf8))
        case .json: try Output.write(try report.json())
        case .html: try Output.write(Array(try report.html(generatedAt: now).utf8))
        case .focus:
            guard let focus = report.focus else {
                throw SourceFailure(
                    "FOCUS is about cost, and no price is known for this time: add --restate price.per-kwh=0.32EUR, and "
                        + "start energyd with --price.per-kwh")
            }
            try Output.write(Array(focus.utf8))
        }
    }

    private func conditions() throws -> [ReportCondition] {
        try failOn.map { text in
            do throws(ReportCondition.Refusal) {
                return try ReportCondition(text)
            } catch {
                throw ValidationError("--fail-on '\(text)': \(error)")
            }
        }
    }

    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }
}

/// Other factors, as given on the command line.
private struct Restatement {
    private var intensity: CarbonIntensity?
    private var pue: Double?
    private var price: EnergyPrice?

    /// nil where none is given.
    init?(_ settings: [String]) throws {
        guard !settings.isEmpty else { return nil }
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw ValidationError("--restate \(setting): write it as carbon.zone=SE")
            }
            let (key, value) = (parts[0], parts[1])
            switch key {
            case "carbon.zone":
                intensity = CarbonIntensity.country(value)
                if intensity == nil { throw ValidationError("--restate: no country has the code \(value)") }
            case "carbon.intensity":
                guard let grams = Double(value), (0...5000).contains(grams) else {
                    throw ValidationError("--restate: \(value) is not a number between 0 and 5000 gCO2e per kWh")
                }
                intensity = CarbonIntensity(gramsPerKilowattHour: grams, source: "given")
            case "carbon.pue":
                guard let number = Double(value), (1...10).contains(number) else {
                    throw ValidationError("--restate: \(value) is not a PUE between 1 and 10")
                }
                pue = number
            case "price.per-kwh":
                price = EnergyPrice(text: value)
                if price == nil { throw ValidationError("--restate: \(value) is not a price such as 0.32EUR") }
            default:
                throw ValidationError(
                    "--restate \(key): use carbon.zone, carbon.intensity, carbon.pue or price.per-kwh")
            }
        }
    }

    func apply(to report: inout Report) {
        report.restate(
            intensity: intensity.map { ($0.gramsPerKilowattHour, $0.source) }, pue: pue,
            price: price.map { ($0.perKilowattHour, $0.currency) })
    }
}

import ArgumentParser
import CLI
import Formatting
import Glibc
import Linux
import Runs
import Settings
import Terminal

/// Runs a command and says what energy it used.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command and show the energy that it used.",
        discussion: """
            The command runs in a cgroup of its own, with your terminal, streams and directory; what it starts is \
            included, daemons too, until the command itself ends. The report follows on standard error. Figures come \
            from the agent on this node, else from energyctl itself, as with top. See docs/run.md.

            EXAMPLES
              energyctl run -- make -j8
              energyctl run --repeat 10 -- ./benchmark           mean, deviation, 95 % interval
              energyctl run --compare 'gzip -k x' 'zstd -k x'    is the difference real?
              energyctl run --output json --output-file energy.json -- pytest
              energyctl run --price-per-kwh 0.30EUR -- ffmpeg -i in.mkv out.mp4

            EXIT STATUS
              that of the command, 128 + N where signal N ended it, 126 where it cannot be executed, 127 where it is not \
            found; with --repeat that of the last run that failed. 125 energyctl itself failed, such as where it may \
            make no cgroup (the command has not run then), 2 wrong options or configuration.
            """)

    enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
        case table, json
    }

    @Option(
        help: ArgumentHelp(
            "Run it so often; with --compare so many pairs. (default: 1, with --compare 5)", valueName: "n"))
    var `repeat`: Int?

    @Option(help: ArgumentHelp("Runs before that which do not count.", valueName: "n"))
    var warmup = 0

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Two lines for /bin/sh, which run in turn (A B, B A, ...): says whether their energy differs.",
            valueName: "a> <b"))
    var compare: [String] = []

    @Flag(help: "Go on with --repeat or --compare after a run that failed.")
    var ignoreFailure = false

    @Option(help: "How the report is written: table for people, json for programs.")
    var output: OutputFormat = .table

    @Option(
        help: ArgumentHelp("Write the report to this file instead of standard error.", valueName: "file"),
        completion: .file())
    var outputFile: String?

    @Option(
        name: .customLong("price-per-kwh"),
        help: ArgumentHelp("What a kWh costs, such as 0.30EUR: the report then has the cost.", valueName: "amount"))
    var price: Price?

    @Option(
        help: ArgumentHelp(
            "The agent: http://HOST:PORT, https://HOST:PORT or unix:/PATH.",
            discussion: "Default: its socket, then http://127.0.0.1:9464; if neither answers, measure in this process.",
            valueName: "address"))
    var address: AgentAddress?

    @OptionGroup var access: AccessOptions

    @OptionGroup(title: "Measuring without an agent")
    var engine: EngineOptions

    @Argument(help: ArgumentHelp("The command and its arguments, after --.", valueName: "command"))
    var words: [String] = []

    private var times: Int { `repeat` ?? (compare.isEmpty ? 1 : 5) }

    func validate() throws {
        try AgentAddress.check(address)
        guard compare.isEmpty || compare.count == 2 && words.isEmpty else {
            throw ValidationError("--compare takes two commands, each in quotes, and nothing after them")
        }
        guard !compare.isEmpty || !words.isEmpty else {
            throw ValidationError("give the command to run: energyctl run -- COMMAND [ARGUMENTS]")
        }
        guard (1...100_000).contains(times) else { throw ValidationError("--repeat must lie between 1 and 100000") }
        guard compare.isEmpty || times > 1 else {
            throw ValidationError("--compare needs two pairs at least: --repeat 2 or more")
        }
        guard (0...100_000).contains(warmup) else { throw ValidationError("--warmup must lie between 0 and 100000") }
    }

    func run() async throws {
        WaitingCommand.passSignalsOn()
        var session = RunSession(
            commands: compare.isEmpty ? [words] : compare.map { ["/bin/sh", "-c", $0] },
            names: compare.isEmpty ? [words] : compare.map { [$0] }, times: times, warmup: warmup,
            ignoresFailure: ignoreFailure, price: price)
        do {
            // Before the command runs: a report that cannot be written is none.
            let descriptor = try outputFile.map(open) ?? STDERR_FILENO
            try await SourceResolution.withSource(
                address, access: access.values, configuration: { try engine.resolve().values }
            ) { source in
                guard let meter = RunMeter(source) else { throw SourceFailure("nothing measures") }
                let paths = try engine.resolve().values.paths
                var source = source
                do {
                    try await session.measure(Runner(meter: meter, placement: RunPlacement(meter, paths: paths)))
                } catch {
                    await source.close()
                    throw error
                }
                await source.close()
            }
            try write(session, to: descriptor)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            try? Output.write(lines: ["energyctl run: \("\(error)".printable(keepsLines: true))"], to: STDERR_FILENO)
            throw ExitCode(125)
        }
        if session.exitCode != 0 { throw ExitCode(session.exitCode) }
    }

    private func write(_ session: RunSession, to descriptor: Int32) throws {
        guard let report = session.report else { return }
        switch output {
        case .table: try Output.write(lines: report.lines, to: descriptor)
        case .json: try Output.write(try report.json(), to: descriptor)
        }
    }

    private func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw HostError(errno: errno, path: "--output-file \(path)") }
        return descriptor
    }
}

extension Price: ExpressibleByArgument {
    /// `0.30EUR`
    public init?(argument: String) {
        self.init(argument)
    }
}

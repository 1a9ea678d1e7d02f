import Formatting
import Glibc
import Linux
import Runs
import Snapshot
import Terminal

/// All runs that a command line asks for: of one command, or of two in turn.
struct RunSession {
    /// One or two: program and arguments.
    let commands: [[String]]
    /// The same as the user wrote them.
    let names: [[String]]
    /// Runs of each.
    let times: Int
    /// Of each, before those.
    let warmup: Int
    let ignoresFailure: Bool
    let price: Price?

    /// What the program ends with.
    private(set) var exitCode: Int32 = 0
    private var runs: [[RunFigures]]
    private var codes: [Int32]
    private var carbon: Snapshot.CarbonState?
    private var measuredBy = ""

    init(
        commands: [[String]], names: [[String]], times: Int, warmup: Int, ignoresFailure: Bool, price: Price?
    ) {
        self.commands = commands
        self.names = names
        self.times = times
        self.warmup = warmup
        self.ignoresFailure = ignoresFailure
        self.price = price
        runs = commands.map { _ in [] }
        codes = commands.map { _ in 0 }
    }

    /// Runs everything; stops early where a run fails or a signal comes. Throws where a run was not measured.
    mutating func measure(_ runner: Runner) async throws {
        measuredBy = runner.meter.name
        for round in 0..<(warmup + times) {
            let order = commands.count == 2 ? Comparison.order(ofPair: round) : [0]
            // Of a pair both count, or none.
            var figures: [Int: RunFigures] = [:]
            for index in order {
                let run: Runner.Run
                do {
                    run = try await runner.run(commands[index])
                    carbon = run.carbon
                    codes[index] = run.exitCode
                    figures[index] = run.figures
                    if run.exitCode != 0 { exitCode = run.exitCode }
                    try report(run, of: index, round: round)
                } catch let error as WaitingCommand.NotExecuted {
                    exitCode = error.code
                    return try say("\(names[index][0]): \(error)")
                } catch let error as Runner.NotMeasured {
                    // What was measured before is reported.
                    exitCode = 125
                    return try say(
                        "\(error.reason); the command has run, with exit status \(error.exitCode), and is not measured")
                } catch let error as Interrupted {
                    exitCode = 128 + error.signal
                    return try say("stopped by a signal")
                }
                if run.signal != nil, warmup + times > 1 {
                    if exitCode == 0 { exitCode = 128 + (run.signal ?? 0) }
                    return try say("stopped by a signal")
                }
                if exitCode != 0, times > 1, !ignoresFailure {
                    if round >= warmup, commands.count == 1 { add(figures) }
                    return try say("stopped after a run that failed (--ignore-failure continues)")
                }
            }
            if round >= warmup { add(figures) }
        }
    }

    /// nil where nothing was measured.
    var report: RunReport? {
        let context = RunContext(measuredBy: measuredBy, carbon: carbon, price: price)
        let measured = zip(zip(names, runs), codes).map { MeasuredCommand(words: $0.0, runs: $0.1, exitCode: $1) }
        guard measured.allSatisfy({ !$0.runs.isEmpty }) else { return nil }
        return measured.count == 2
            ? .comparison(Comparison(measured[0], measured[1]), context) : .command(measured[0], context)
    }

    private mutating func add(_ figures: [Int: RunFigures]) {
        for (index, figures) in figures { runs[index].append(figures) }
    }

    /// A line for each of several runs, for people who wait.
    private func report(_ run: Runner.Run, of index: Int, round: Int) throws {
        guard times + warmup > 1, isatty(STDERR_FILENO) == 1 else { return }
        let name = commands.count == 2 ? (index == 0 ? " of A" : " of B") : ""
        let number = round < warmup ? "warm-up \(round + 1) of \(warmup)" : "run \(round - warmup + 1) of \(times)"
        let status = run.exitCode == 0 ? "" : ", exit status \(run.exitCode)"
        try say(
            "\(number)\(name): \(Format.joules(run.figures.joules)) in \(Format.quantity(run.figures.wallSeconds)) s\(status)"
        )
    }

    private func say(_ text: String) throws {
        try Output.write(lines: ["energyctl run: \(text.printable())"], to: STDERR_FILENO)
    }
}

/// What is written in the end.
enum RunReport {
    case command(MeasuredCommand, RunContext)
    case comparison(Comparison, RunContext)

    var lines: [String] {
        switch self {
        case .command(let command, let context): RunTable.lines(command, context)
        case .comparison(let comparison, let context): RunTable.lines(comparison, context)
        }
    }

    func json() throws -> [UInt8] {
        switch self {
        case .command(let command, let context): try RunDocument(command, context).json()
        case .comparison(let comparison, let context): try ComparisonDocument(comparison, context).json()
        }
    }
}

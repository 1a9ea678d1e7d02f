import ArgumentParser
import CLI
import Composition
import Diagnostics
import Engine
import Formatting
import FoundationEssentials
import Kubernetes
import NIOPosix
import Settings
import Snapshot
import Telemetry
import Terminal

/// Checks everything the agent depends on.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what this machine can measure, and what to do about the rest.",
        discussion: """
            Tries every power meter, the accounting of CPU time, the sources of names, carbon factors, the port, the \
            state file and the limits, as the agent would. Where an agent runs, it is asked what it lost, and its own \
            flags, environment and file are checked: nothing has to be typed again. Options given here replace \
            the agent's. Run it as the agent's user, because what works depends on privileges. The agent is asked at \
            its socket first, then at its port; where the port needs a password or token, name it with --agent.*. Takes \
            some seconds.

            Each check is ok, - (not there, and not needed; absent in JSON), warn (works, with coarser or fewer \
            figures than it could) or fail (ought to work here and does not). Below a warn or fail is what to do \
            about it; the last line is the verdict.

            EXAMPLES
              sudo energyctl doctor
              energyctl doctor --carbon.zone DE --state.file /run/energyd/state
              kubectl -n energyd exec ds/energyd -- /energyctl doctor
              sudo energyctl doctor --bundle report.tar.gz    for a bug report
              energyctl doctor --output json | jq '.checks[] | select(.status == "warn" or .status == "fail")'

            EXIT STATUS
              0 nothing failed, 1 something failed, 2 wrong options or configuration
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: ArgumentHelp("Output format: text for people, json for programs.", valueName: "text|json"))
    var output = Format.text

    @Option(
        help: ArgumentHelp(
            "Whose settings are checked: auto, those of the agent that runs here; those of the agent with this process "
                + "id; none, only those given.", valueName: "auto|pid|none"))
    var settingsOf = AgentSelection.auto

    @Option(
        help: ArgumentHelp(
            "Also write a file to attach to a bug report: the checks, the configuration without secrets, and 20 s of "
                + "recording without names.", valueName: "file"), completion: .file())
    var bundle: String?

    @OptionGroup var access: AccessOptions

    @OptionGroup var agent: AgentOptions

    private struct Report: Encodable {
        let status: Check.Status
        let verdict: String
        let checks: [Check]
    }

    func run() async throws {
        let (running, refusal) = findAgent()
        let resolved = try running?.resolve(agent) ?? agent.resolve()
        // Before anything takes time.
        let bundle = try bundle.map { (path) throws(SourceFailure) in try RecordingOutput(path) }
        let told: (snapshot: Snapshot?, failure: String?) =
            running == nil ? (nil, nil) : await askAgent(resolved.values.web)
        let export = exportChecks(
            resolved.values.otlp, answer: await askCollector(resolved.values.otlp),
            exports: told.snapshot?.agent.exports)
        let checks = try await withLiveSources(resolved.values) { configuration in
            // To add one, see docs/architecture.md: a file per topic in Sources/Diagnostics.
            configurationChecks(resolved, of: running?.process) + (refusal.map { [$0] } ?? [])
                + hostChecks(configuration.paths) + stateChecks(configuration.stateFile)
                + historyChecks(resolved.values.history.path)
                + limitChecks(
                    configuration.paths, process: running.map { "\($0.process)" } ?? "self",
                    needed: UInt64(resolved.values.limits.memory) << 20)
                + accountingChecks(configuration.accounting)
                + powerChecks(
                    configuration.power, paths: configuration.paths, modelFile: configuration.powerModelPath)
                + carbonChecks(resolved.values.carbon)
                + (await nameChecks(
                    resolved.values, kubernetes: KubernetesConfiguration(resolved.values),
                    group: MultiThreadedEventLoopGroup.singleton))
                + servingChecks(resolved.values.web, agent: running?.process)
                + [
                    counterCheck(
                        zero: resolved.values.metrics.zeroTime, wait: resolved.values.nameWait,
                        retention: resolved.values.retention)
                ]
                + export
                + agentChecks(process: running?.process, snapshot: told.snapshot, failure: told.failure)
        }
        let report = try Self.json(Report(status: checks.status, verdict: checks.verdict, checks: checks))
        switch output {
        case .json: try Output.write(report)
        case .text: try Output.write(lines: checks.lines)
        }
        if let bundle {
            try await write(
                bundle, resolved,
                [
                    ("checks.json", report), ("checks.txt", Array(checks.lines.map { $0 + "\n" }.joined().utf8)),
                    ("configuration.json", try Self.json(resolved.document)),
                    ("agent.json", try told.snapshot.map { try Self.json($0.agent) } ?? []),
                ])
        }
        if checks.status == .fail { throw ExitCode(1) }
    }

    private static func json(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(String(printableJSON: try encoder.encode(value)).utf8) + [UInt8(ascii: "\n")]
    }

    private func findAgent() -> (RunningAgent?, Check?) {
        do throws(ConfigurationError) {
            return (try RunningAgent.find(settingsOf), nil)
        } catch {
            let check = Check(
                "configuration", "agent", .warn, error.description, remedy: "the defaults were checked in their place")
            return (nil, check)
        }
    }
}

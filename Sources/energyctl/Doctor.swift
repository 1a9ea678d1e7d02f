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
import Terminal

/// Checks everything the agent depends on.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what this machine can measure, and what to do about the rest.",
        discussion: """
            Tries every power meter, the accounting of CPU time, the sources of names and the state file, as the agent \
            would. It takes all options of energyd and reads the same environment and configuration file; run it as \
            the agent's user, because what works depends on privileges. Takes some seconds.

            Each check is ok, warn (works, with coarser or fewer figures than it could) or fail (ought to work here \
            and does not). Below a warn or fail is what to do about it.

            EXAMPLES
              sudo energyctl doctor
              energyctl doctor --carbon.zone DE --state.file /run/energyd/state
              kubectl -n energyd exec ds/energyd -- /energyctl doctor \\
                  --path.procfs=/host/proc --path.sysfs=/host/sys
              energyctl doctor --output json | jq '.checks[] | select(.status != "ok")'

            EXIT STATUS
              0 nothing failed, 1 something failed, 2 wrong options or configuration
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: ArgumentHelp("Output format: text for people, json for programs.", valueName: "text|json"))
    var output = Format.text

    @OptionGroup var agent: AgentOptions

    private struct Report: Encodable {
        let status: Check.Status
        let checks: [Check]
    }

    func run() async throws {
        let resolved = try agent.resolve()
        let checks = try await withLiveSources(resolved.values) { configuration in
            // To add one, see docs/architecture.md: a file per topic in Sources/Diagnostics.
            configurationChecks(resolved) + hostChecks(configuration.paths) + stateChecks(configuration.stateFile)
                + accountingChecks(configuration.accounting)
                + powerChecks(
                    configuration.power, paths: configuration.paths, modelFile: configuration.powerModelPath)
                + (await nameChecks(
                    resolved.values, kubernetes: KubernetesConfiguration(resolved.values),
                    group: MultiThreadedEventLoopGroup.singleton))
        }
        switch output {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let json = try encoder.encode(Report(status: checks.status, checks: checks))
            try Output.write(lines: [String(printableJSON: json)])
        case .text: try Output.write(lines: checks.lines)
        }
        if checks.status == .fail { throw ExitCode(1) }
    }
}

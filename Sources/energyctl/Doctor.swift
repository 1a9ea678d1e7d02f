import ArgumentParser
import CLI
import Composition
import Diagnostics
import Engine
import FoundationEssentials
import Linux
import Settings
import Terminal

/// Looks at everything the agent depends on.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what this machine can measure, and say what to do about what it cannot.",
        discussion: """
            Tries every power meter and the accounting of CPU time, as the agent would with the same flags and \
            privileges: it takes all the flags of energyd, and ought to run as the agent's user. Takes some seconds.

            Each check is ok, warn (works, with coarser or fewer figures than it could) or fail (ought to work here \
            and does not).

            EXAMPLES
              energyctl doctor --carbon.zone DE --state.file /run/energyd/state
              kubectl -n energyd exec ds/energyd -- /energyctl doctor --path.procfs=/host/proc ...

            EXIT STATUS: 0 where nothing fails, 1 where something does, 2 for wrong flags.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: "Shape of the answer.")
    var output = Format.text

    @OptionGroup var agent: AgentOptions

    private struct Report: Encodable {
        let status: Check.Status
        let checks: [Check]
    }

    func run() async throws {
        // More of them for what the accounting needs: Engine/AccountingChecks.swift.
        let checks = try await withLiveSources(agent.resolve().values) { configuration in
            hostChecks(configuration) + accountingChecks(configuration) + powerChecks(configuration)
        }
        switch output {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let json = try encoder.encode(Report(status: checks.status, checks: checks))
            try Output.write([UInt8](json) + [UInt8(ascii: "\n")])
        case .text: try Output.write(lines: checks.flatMap(Self.lines))
        }
        if checks.status == .fail { throw ExitCode(1) }
    }

    private static func lines(_ check: Check) -> [String] {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let first = pad(check.status.rawValue, 6) + pad("\(check.area) \(check.name)", 18) + check.finding
        guard let remedy = check.remedy, check.status != .ok else { return [first] }
        return [first, pad("", 24) + "-> " + remedy]
    }
}

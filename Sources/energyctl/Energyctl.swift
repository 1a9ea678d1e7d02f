import ArgumentParser
import CLI
import Engine
import NIOCore

/// Shows on the node what the agent knows.
@main
struct Energyctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "energyctl",
        abstract: "Which pod, service or process uses the energy of this node, and how much CO2 that is.",
        version: energydVersion,
        subcommands: [Top.self, Identify.self, Doctor.self, Metrics.self, Model.self, Simulate.self],
        defaultSubcommand: Top.self)

    static func main() async {
        // One connection at a time: threads beyond the first would only sleep.
        NIOSingletons.groupLoopCountSuggestion = 1
        await runCommand(Self.self)
    }
}

import ArgumentParser
import CLI
import Composition
import Engine
import NIOCore

/// The command line for people on the node.
@main
struct Energyctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "energyctl",
        abstract: "Which pod, service or process uses the energy of this node, and how much CO2 that is.",
        discussion: """
            Without a subcommand it shows `top`. Each subcommand has its own --help with examples.

            EXAMPLES
              energyctl                             live view of this node
              energyctl top --group-by namespace    energy per Kubernetes namespace
              energyctl run -- make                 the energy that a command uses
              energyctl doctor                      what can be measured on this node
              energyctl demo                        all of it on a simulated node
              energyctl identify --pid 4711         which workload a process belongs to

            EXIT STATUS
              0 done, 1 failed, 2 wrong options or configuration
            """,
        version: energydBuild,
        subcommands: [
            Top.self, MakeReport.self, Run.self, HistoryCommand.self, Identify.self, Doctor.self, Metrics.self,
            Model.self, Record.self, Replay.self, Demo.self, Simulate.self, Completion.self,
        ],
        defaultSubcommand: Top.self)

    static func main() async {
        helpIfAsked()
        // One connection at a time needs one thread.
        NIOSingletons.groupLoopCountSuggestion = 1
        await runCommand(Self.self)
    }
}

import ArgumentParser
import Attribution
import Engine
import Metering
import Terminal

/// Passes on what a node with a meter has learned.
struct Model: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pass on what a node with a meter has learned to nodes of the same CPU without one.",
        subcommands: [Export.self])

    /// Writes the model file.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write what the agent has learned from its meter, as a file for --power.model.",
            discussion: """
                The agent must have seen its node under different loads. Without an address it asks the agent on this \
                node.

                EXAMPLES
                  energyctl model export > xeon.json             on a node with RAPL
                  energyd --power.model xeon.json                on one of the same CPU without
                """)

        @Option(help: ArgumentHelp("The agent: http://HOST:PORT or unix:/PATH.", valueName: "address"))
        var address: AgentAddress?

        func run() async throws {
            // An engine in this process would have learned nothing yet: there must be an agent.
            var source = try await SourceResolution.agent(address)
            let document: [UInt8]
            do {
                let model = PowerModelFile(try await source.next())
                guard !model.zones.isEmpty else {
                    throw SourceFailure("this agent has no model to pass on: it has no meter of its own")
                }
                if let defect = model.defect {
                    throw SourceFailure("this agent has no model to pass on: \(defect)")
                }
                document = try model.json()
            } catch {
                await source.close()
                throw error
            }
            await source.close()
            try Output.write(document)
        }
    }
}

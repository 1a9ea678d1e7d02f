import ArgumentParser
import Attribution
import Engine
import Metering
import Terminal

/// Transfers what a node with a meter has learned to other nodes.
struct Model: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Use what a node with a meter has learned on nodes with the same CPU but no meter.",
        subcommands: [Export.self])

    /// Writes the model file.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write what the agent has learned from its meter, as a file for --power.model.",
            discussion: """
                The agent must have measured its node under different loads. Without --address, the agent on this node \
                is used.

                EXAMPLES
                  energyctl model export > xeon.json    on a node with RAPL
                  energyd --power.model xeon.json       on one with the same CPU, without it

                EXIT STATUS
                  0 done, 1 no agent answers or it has no model, 2 wrong options
                """)

        @Option(
            help: ArgumentHelp("The agent: HOST:PORT, https://HOST:PORT or unix:/PATH.", valueName: "address"))
        var address: AgentAddress?

        @OptionGroup var access: AccessOptions

        func validate() throws { try AgentAddress.check(address) }

        func run() async throws {
            // An engine in this process would have learned nothing yet, so only an agent will do.
            var source = try await SourceResolution.agent(address, access: access.values)
            let document: [UInt8]
            do {
                let model = PowerModelFile(try await source.next())
                guard !model.zones.isEmpty else {
                    throw SourceFailure(
                        "this agent has no model: its node has no meter; export from a node that has one")
                }
                if let defect = model.defect {
                    throw SourceFailure("this agent has no usable model yet: \(defect)")
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

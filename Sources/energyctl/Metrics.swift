import ArgumentParser
import Telemetry
import Terminal

/// Lists every metric that the agent exports.
struct Metrics: ParsableCommand {
    /// What is written.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case text, markdown, yaml
    }

    static let configuration = CommandConfiguration(
        abstract: "List every metric the agent exports, with unit and meaning.",
        discussion: """
            With --output markdown as the table of docs/metrics.md, with --output yaml as docs/metrics.yaml: a registry \
            for programs, in the syntax of OpenTelemetry's semantic conventions, with every attribute.
            """)

    @Option(help: "The form of the list: text, markdown or yaml.")
    var output: Form = .text

    @Flag(help: "The same as --output markdown.")
    var markdown = false

    func run() throws {
        switch markdown ? .markdown : output {
        case .text: try Output.write(lines: MetricCatalog.all.map { "\($0.prometheusName)  \($0.help)" })
        case .markdown: try Output.write(Array(MetricCatalog.markdown.utf8))
        case .yaml: try Output.write(Array(MetricRegistry.yaml.utf8))
        }
    }
}

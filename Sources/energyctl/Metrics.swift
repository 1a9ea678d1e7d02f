import ArgumentParser
import Telemetry
import Terminal

/// Lists every metric that the agent exports.
struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List every metric the agent exports, with unit and meaning.",
        discussion: "With --markdown as the table of docs/metrics.md.")

    @Flag(help: "A Markdown document instead of plain lines.")
    var markdown = false

    func run() throws {
        if markdown {
            try Output.write(Array(MetricCatalog.markdown.utf8))
        } else {
            try Output.write(lines: MetricCatalog.all.map { "\($0.prometheusName)  \($0.help)" })
        }
    }
}

internal import ArgumentParser
package import Telemetry

/// Which metrics `/metrics` has.
package struct MetricOptions: ParsableArguments {
    @Option(
        name: .customLong("metrics.level"),
        help: ArgumentHelp(
            "What /metrics tells of, separated by commas; all or some of "
                + MetricSelection.Level.allCases.map(\.rawValue).joined(separator: ", ")
                + ". JSON and energyctl top have everything.", valueName: "list"))
    package var levels = MetricLevels.all

    @Option(
        name: .customLong("metrics.processes"), parsing: .unconditional,
        help: ArgumentHelp("Names of processes that /metrics tells of: those with the most energy.", valueName: "n"))
    package var processLimit = MetricSelection().processLimit

    package init() {}

    package mutating func validate() throws {
        guard processLimit >= 0 else { throw ValidationError("--metrics.processes must be at least 0.") }
    }

    package var selection: MetricSelection {
        var selection = MetricSelection()
        selection.levels = levels.levels
        selection.processLimit = processLimit
        return selection
    }
}

/// A list of levels; `all` for every one.
package struct MetricLevels: ExpressibleByArgument, CustomStringConvertible, Sendable, Equatable {
    package let levels: Set<MetricSelection.Level>

    package static let all = MetricLevels(levels: Set(MetricSelection.Level.allCases))

    private init(levels: Set<MetricSelection.Level>) {
        self.levels = levels
    }

    /// Nil where a level is not known.
    package init?(argument: String) {
        if argument == "all" {
            self = .all
            return
        }
        let words = argument.split(separator: ",", omittingEmptySubsequences: false)
        let levels = words.compactMap { MetricSelection.Level(rawValue: String($0)) }
        guard levels.count == words.count else { return nil }
        self.init(levels: Set(levels))
    }

    package var description: String {
        self == .all ? "all" : levels.map(\.rawValue).sorted().joined(separator: ",")
    }
}

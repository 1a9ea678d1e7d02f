package import Snapshot

/// What all runs of a report have in common.
package struct RunContext: Sendable {
    /// Who measured, in words: `the agent at unix:/run/energyd/energyd.sock`.
    package var measuredBy: String
    package var carbon: Snapshot.CarbonState?
    package var price: Price?

    package init(measuredBy: String, carbon: Snapshot.CarbonState? = nil, price: Price? = nil) {
        self.measuredBy = measuredBy
        self.carbon = carbon
        self.price = price
    }

    func cost(ofJoules joules: Double?) -> Double? {
        guard let joules, let price else { return nil }
        return price.cost(ofJoules: joules, pue: carbon?.pue ?? 1)
    }
}

/// A command that was run, once or several times.
package struct MeasuredCommand: Sendable {
    /// The program and its arguments, or a line for the shell.
    package var words: [String]
    package var runs: [RunFigures]
    /// Of the last run.
    package var exitCode: Int32

    package init(words: [String], runs: [RunFigures], exitCode: Int32) {
        self.words = words
        self.runs = runs
        self.exitCode = exitCode
    }

    /// A quantity of each run; nil where one of them has none.
    package func values(_ quantity: (RunFigures) -> Double?) -> [Double]? {
        let values = runs.compactMap(quantity)
        return values.count == runs.count && !values.isEmpty ? values : nil
    }

    /// Names of the zones that every run has.
    package var zones: [String] {
        guard let first = runs.first else { return [] }
        return first.zones.names.filter { name in runs.allSatisfy { $0.zones[name] != nil } }
    }
}

internal import Formatting
internal import Snapshot

/// Two commands whose runs alternated, in pairs.
package struct Comparison: Sendable {
    package let first: MeasuredCommand
    package let second: MeasuredCommand

    package init(_ first: MeasuredCommand, _ second: MeasuredCommand) {
        (self.first, self.second) = (first, second)
    }

    /// nil where a run has no such quantity, or there are fewer than two pairs.
    package func difference(_ quantity: (RunFigures) -> Double?) -> Difference? {
        guard let a = first.values(quantity), let b = second.values(quantity) else { return nil }
        return Difference(pairs: a, b)
    }

    /// In which order a pair is run: the second first in every other one, so that what changes steadily cancels.
    package static func order(ofPair pair: Int) -> [Int] { pair % 2 == 0 ? [0, 1] : [1, 0] }
}

extension RunTable {
    /// The report on two commands, for people.
    package static func lines(_ comparison: Comparison, _ context: RunContext) -> [String] {
        let pairs = comparison.first.runs.count
        func mean(_ command: MeasuredCommand, _ quantity: (RunFigures) -> Double?) -> Double? {
            command.values(quantity).flatMap(SampleStatistics.init)?.mean
        }
        func row(_ name: String, _ quantity: (RunFigures) -> Double?, _ text: (Double?) -> String) -> [String] {
            let found = comparison.difference(quantity)
            return [
                name, text(mean(comparison.first, quantity)), text(mean(comparison.second, quantity)),
                text(found?.difference), interval(found?.low, found?.high, text), found.map(words) ?? "",
            ]
        }
        var rows = [["\(pairs) pairs", "A", "B", "B - A", "95 % interval", ""]]
        for name in comparison.first.zones {
            rows.append(row(name, { $0.zones[name].map { Double($0.microjoules) / 1e6 } }, Quantity.joules))
        }
        rows.append(row("energy", \.joules, Quantity.joules))
        rows.append(row("power", \.averageWatts, Quantity.watts))
        rows.append(row("CPU time", \.cpuSeconds, Quantity.seconds))
        rows.append(row("wall time", \.wallSeconds, Quantity.seconds))
        let names = [("A", comparison.first), ("B", comparison.second)].map { name, command in
            " \(name): \(command.words.joined(separator: " ").printable().prefix(200))"
        }
        return [""] + names + [""] + aligned(rows) + ["", " " + verdict(comparison)]
            + ["", " measured by \(context.measuredBy.printable())", ""]
    }

    private static func words(_ found: Difference) -> String {
        switch found.verdict {
        case .real: "differs"
        case .likely: "may differ"
        case .none: "no real difference"
        }
    }

    /// Whether the energy differs, in one sentence.
    package static func verdict(_ comparison: Comparison) -> String {
        guard let found = comparison.difference(\.joules) else {
            return "Whether their energy differs is not known: that takes two pairs and a machine whose power is known."
        }
        let chance = "chance alone would show that in \(odds(found.probability)) of such comparisons"
        switch found.verdict {
        case .none:
            return "No real difference: B - A is between \(interval(found.low, found.high, Quantity.joules)), and "
                + "\(chance). More pairs (--repeat) show smaller ones."
        case .likely:
            return "Perhaps B uses \(amount(found)): \(chance). More pairs (--repeat) decide."
        case .real:
            return "B uses \(amount(found)). The difference is real: \(chance)."
        }
    }

    /// `12 % less energy than A (95 % interval 10 % to 14 % less)`
    private static func amount(_ found: Difference) -> String {
        guard let ratio = found.ratio, let low = found.ratioLow, let high = found.ratioHigh else {
            let less = found.difference < 0 ? "less" : "more"
            return "\(Quantity.joules(abs(found.difference))) \(less) than A"
        }
        func change(_ ratio: Double) -> String { Quantity.percent(abs(ratio - 1)) + (ratio < 1 ? " less" : " more") }
        let ends = ratio < 1 ? (high, low) : (low, high)
        return "\(change(ratio)) energy than A (95 % interval \(change(ends.0)) to \(change(ends.1)))"
    }

    private static func odds(_ probability: Double) -> String {
        probability < 0.0001 ? "less than 1 in 10,000" : Quantity.percent(probability)
    }
}

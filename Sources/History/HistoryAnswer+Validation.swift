extension HistoryAnswer {
    /// What no figure of a month reaches: 2^57 uJ are 40 MWh.
    private static let largest: Int64 = 1 << 57
    private static let times: ClosedRange<Int64> = 0...253_402_300_800

    /// The same answer, where it is one that a history can have: it may come from another machine, or from a file that was
    /// changed. Throws a ``HistoryError`` otherwise.
    package func validated() throws(HistoryError) -> HistoryAnswer {
        func require(_ isKept: Bool, _ what: String) throws(HistoryError) {
            if !isKept { throw HistoryError(.damaged, "it is no history of energyd: \(what)") }
        }
        func isSmall(_ value: Int64?) -> Bool { (value ?? 0).magnitude <= Self.largest }
        try require(
            [since, until, first, last].allSatisfy { $0.map(Self.times.contains) ?? true }, "a time is out of range")
        try require(seconds.isFinite && (0...1e12).contains(seconds), "a duration is out of range")
        for row in rows {
            let usage = row.usage
            try require(usage.energy.count == zones.count, "a row has not one figure for each zone")
            try require(
                usage.energy.allSatisfy { isSmall($0.dynamic) && isSmall($0.static) } && isSmall(usage.cpuMicroseconds)
                    && isSmall(usage.emissionsMicrograms) && isSmall(usage.costNanos), "a figure is out of range")
        }
        try require(Set(rows.map(\.workload)).count == rows.count, "a workload is there twice")
        for step in steps {
            try require(step.microjoules.count == rows.count, "a step has not one figure for each row")
            try require(
                step.microjoules.allSatisfy(isSmall) && Self.times.contains(step.start) && step.seconds.isFinite,
                "a step is out of range")
        }
        for applied in applied {
            let factors = applied.factors
            try require(
                isSmall(applied.microjoules) && factors.gramsPerKilowattHour.isFinite && factors.pue.isFinite
                    && (factors.pricePerKilowattHour ?? 0).isFinite, "a factor is out of range")
        }
        try require(sumsFit, "the sum of its figures is out of range")
        return self
    }

    /// With room for sums of a few such answers.
    private var sumsFit: Bool {
        var sum: Int64 = 0
        for row in rows {
            for energy in row.usage.energy {
                for amount in [energy.dynamic, energy.static] {
                    let (next, isTooLarge) = sum.addingReportingOverflow(Int64(clamping: amount.magnitude))
                    if isTooLarge || next > Int64.max >> 6 { return false }
                    sum = next
                }
            }
        }
        return true
    }
}

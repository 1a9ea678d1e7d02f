internal import History

/// What a row of a report has used.
package struct ReportFigures: Sendable, Equatable, Codable {
    package var dynamicMicrojoules: Int64 = 0
    package var staticMicrojoules: Int64 = 0
    /// Of both, what was measured by a meter and needed no model to be divided, uJ.
    package var measuredMicrojoules: Int64 = 0
    package var cpuMicroseconds: Int64 = 0
    /// ug; nil where no emissions are known.
    package var emissionsMicrograms: Int64?
    /// 1e-9 of the currency; nil where no price was configured.
    package var costNanos: Int64?
    /// By zone, uJ.
    package var zones: [String: Int64] = [:]

    package init() {}

    package var microjoules: Int64 { dynamicMicrojoules + staticMicrojoules }
    package var kilowattHours: Double { Double(microjoules) / 3.6e12 }
    package var grams: Double? { emissionsMicrograms.map { Double($0) / 1e6 } }
    package var cost: Double? { costNanos.map { Double($0) / 1e9 } }
    /// nil where nothing was used.
    package var measuredShare: Double? {
        microjoules > 0 ? Double(measuredMicrojoules) / Double(microjoules) : nil
    }

    package static func += (a: inout Self, b: Self) {
        a.dynamicMicrojoules += b.dynamicMicrojoules
        a.staticMicrojoules += b.staticMicrojoules
        a.measuredMicrojoules += b.measuredMicrojoules
        a.cpuMicroseconds += b.cpuMicroseconds
        if let more = b.emissionsMicrograms { a.emissionsMicrograms = (a.emissionsMicrograms ?? 0) + more }
        if let more = b.costNanos { a.costNanos = (a.costNanos ?? 0) + more }
        a.zones.merge(b.zones) { $0 + $1 }
    }

    /// Of one workload.
    ///
    /// The division of a zone's energy is worth no more than the zone's dynamic energy: what was divided by a model is not
    /// measured, even where the meter is.
    ///
    /// - Parameter isDivided: false for what no model divided: all of a node.
    init(_ usage: HistoryUsage, zones: [HistoryZone], isDivided: Bool) {
        cpuMicroseconds = usage.cpuMicroseconds
        (emissionsMicrograms, costNanos) = (usage.emissionsMicrograms, usage.costNanos)
        for (zone, energy) in zip(zones, usage.energy) where !energy.isZero {
            dynamicMicrojoules += energy.dynamic
            staticMicrojoules += energy.static
            self.zones[zone.name, default: 0] += energy.sum
            let isMetered = zone.quality == "measured"
            let isDividedWell = !isDivided || (zone.dynamicQuality ?? zone.quality) == "measured"
            if isMetered, isDividedWell { measuredMicrojoules += energy.sum }
        }
    }
}

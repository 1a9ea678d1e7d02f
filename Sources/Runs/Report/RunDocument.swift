internal import Formatting
internal import Snapshot
internal import Terminal

/// The report for programs; see docs/run.md. Whatever is not known is missing.
package struct RunDocument: Encodable, Sendable {
    package static let currentSchemaVersion = 1

    var schemaVersion = currentSchemaVersion
    let command: [String]
    let exitCode: Int32
    /// Means of all runs.
    let wallSeconds: Double?
    let cpuSeconds: Double?
    let zones: NamedValues<RunFigures.Zone>
    let energyJoules: Double?
    let averageWatts: Double?
    /// The largest of all runs.
    let peakWatts: Double?
    let emissionsGrams: Double?
    let carbon: Snapshot.CarbonState?
    let cost: Cost?
    /// Shares of the energy.
    let quality: NamedValues<Double>
    let processesLeft: Int
    let measuredBy: String
    let runs: [Run]
    let statistics: Statistics

    struct Cost: Encodable, Sendable {
        let amount: Double
        let currency: String?
        let perKilowattHour: Double

        init?(ofJoules joules: Double?, _ context: RunContext) {
            guard let price = context.price, let amount = context.cost(ofJoules: joules) else { return nil }
            self.amount = amount
            currency = price.currency
            perKilowattHour = price.perKilowattHour
        }
    }

    struct Run: Encodable, Sendable {
        let wallSeconds: Double
        let cpuSeconds: Double
        let zones: NamedValues<RunFigures.Zone>
        let energyJoules: Double?
        let averageWatts: Double?
        let peakWatts: Double?
        let emissionsGrams: Double?
        let processesLeft: Int
    }

    struct Statistics: Encodable, Sendable {
        let wallSeconds: SampleStatistics?
        let cpuSeconds: SampleStatistics?
        let energyJoules: SampleStatistics?
        let averageWatts: SampleStatistics?
        /// J.
        let zones: NamedValues<SampleStatistics>
        let confidence: Double
    }

    package init(_ command: MeasuredCommand, _ context: RunContext) {
        func sample(_ quantity: (RunFigures) -> Double?) -> SampleStatistics? {
            command.values(quantity).flatMap(SampleStatistics.init)
        }
        let zones = command.zones
        let samples = zones.map { name in sample { $0.zones[name].map { Double($0.microjoules) / 1e6 } } }
        statistics = Statistics(
            wallSeconds: sample(\.wallSeconds), cpuSeconds: sample(\.cpuSeconds), energyJoules: sample(\.joules),
            averageWatts: sample(\.averageWatts),
            zones: NamedValues(names: zones, values: samples.compactMap(\.self)),
            confidence: SampleStatistics.confidence)
        self.command = command.words
        exitCode = command.exitCode
        wallSeconds = statistics.wallSeconds?.mean
        cpuSeconds = statistics.cpuSeconds?.mean
        self.zones = NamedValues(names: zones, values: zones.compactMap { command.mean(ofZone: $0) })
        energyJoules = statistics.energyJoules?.mean
        averageWatts = statistics.averageWatts?.mean
        peakWatts = command.runs.compactMap(\.peakWatts).max()
        emissionsGrams = sample(\.emissionsGrams)?.mean
        carbon = emissionsGrams == nil ? nil : context.carbon
        cost = Cost(ofJoules: sample(\.joules)?.mean, context)
        let shares = command.runs.last?.shares ?? []
        quality = NamedValues(names: shares.map(\.quality), values: shares.map(\.share))
        processesLeft = command.runs.map(\.processesLeft).max() ?? 0
        measuredBy = context.measuredBy
        runs = command.runs.map { run in
            Run(
                wallSeconds: run.wallSeconds, cpuSeconds: run.cpuSeconds, zones: run.zones, energyJoules: run.joules,
                averageWatts: run.averageWatts, peakWatts: run.peakWatts, emissionsGrams: run.emissionsGrams,
                processesLeft: run.processesLeft)
        }
    }

    /// One line of JSON.
    package func json() throws -> [UInt8] { try ByteSink.collect { try JSONStream.write(self, to: $0) } + [0x0A] }
}

extension MeasuredCommand {
    /// A zone's mean over all runs, in whole microjoules.
    fileprivate func mean(ofZone name: String) -> RunFigures.Zone? {
        guard var zone = runs.last?.zones[name] else { return nil }
        func mean(_ part: (RunFigures.Zone) -> UInt64?) -> UInt64? {
            values { $0.zones[name].flatMap(part).map { Double($0) } }.flatMap(SampleStatistics.init)
                .map { UInt64(nearest: $0.mean.rounded()) }
        }
        zone.dynamicMicrojoules = mean(\.dynamicMicrojoules) ?? 0
        zone.staticMicrojoules = mean(\.staticMicrojoules) ?? 0
        zone.idleMicrojoules = mean(\.idleMicrojoules)
        return zone
    }
}

/// The same of two commands.
package struct ComparisonDocument: Encodable, Sendable {
    var schemaVersion = RunDocument.currentSchemaVersion
    let a: RunDocument
    let b: RunDocument
    /// B minus A.
    let differences: Differences
    /// In words.
    let verdict: String

    struct Differences: Encodable, Sendable {
        let energyJoules: Difference?
        let averageWatts: Difference?
        let wallSeconds: Difference?
        let cpuSeconds: Difference?
        /// J.
        let zones: NamedValues<Difference>
    }

    package init(_ comparison: Comparison, _ context: RunContext) {
        a = RunDocument(comparison.first, context)
        b = RunDocument(comparison.second, context)
        let zones = comparison.first.zones.compactMap { name in
            comparison.difference { $0.zones[name].map { Double($0.microjoules) / 1e6 } }.map { (name, $0) }
        }
        differences = Differences(
            energyJoules: comparison.difference(\.joules), averageWatts: comparison.difference(\.averageWatts),
            wallSeconds: comparison.difference(\.wallSeconds), cpuSeconds: comparison.difference(\.cpuSeconds),
            zones: NamedValues(names: zones.map(\.0), values: zones.map(\.1)))
        verdict = RunTable.verdict(comparison)
    }

    /// One line of JSON.
    package func json() throws -> [UInt8] { try ByteSink.collect { try JSONStream.write(self, to: $0) } + [0x0A] }
}

/// A zone as it was in a period. A zone whose meter changed is another one here.
package struct HistoryZone: Hashable, Sendable, Codable {
    package var name: String
    /// As in the snapshot: `rapl`, ...
    package var source: String
    /// `measured`, `modelled`, `estimated`.
    package var quality: String
    /// What the zone's dynamic energy is worth; nil where it is not divided.
    package var dynamicQuality: String?
    /// `cpu`, `memory`, ...
    package var hardware: String

    package init(
        name: String, source: String, quality: String, dynamicQuality: String? = nil, hardware: String = "cpu"
    ) {
        self.name = name
        self.source = source
        self.quality = quality
        self.dynamicQuality = dynamicQuality
        self.hardware = hardware
    }
}

/// What turned energy into emissions and money.
package struct HistoryFactors: Hashable, Sendable, Codable {
    /// gCO2e per kWh at the wall.
    package var gramsPerKilowattHour: Double
    package var pue: Double
    /// In words.
    package var source: String
    /// `location`, ...; nil where it is not known, as in the following.
    package var type: String?
    package var scope: String?
    /// `published`, `configured`, `assumed`.
    package var quality: String?
    /// Price of a kWh; nil where none is configured.
    package var pricePerKilowattHour: Double?
    /// ISO 4217.
    package var currency: String?

    package init(gramsPerKilowattHour: Double, pue: Double, source: String) {
        self.gramsPerKilowattHour = gramsPerKilowattHour
        self.pue = pue
        self.source = source
    }
}

extension Int64 {
    /// The sum; the largest or smallest number where that is out of range, as figures of a damaged file may make it.
    func adding(_ other: Int64) -> Int64 {
        let (sum, isTooLarge) = addingReportingOverflow(other)
        return isTooLarge ? (other < 0 ? .min : .max) : sum
    }
}

/// Energy in one zone, uJ. Signed, because the past of a workload may be put right.
package struct HistoryEnergy: Sendable, Equatable, Codable {
    package var dynamic: Int64 = 0
    package var `static`: Int64 = 0

    package init(dynamic: Int64 = 0, static: Int64 = 0) {
        self.dynamic = dynamic
        self.static = `static`
    }

    package var sum: Int64 { dynamic.adding(`static`) }
    package var isZero: Bool { dynamic == 0 && `static` == 0 }

    package static func += (a: inout Self, b: Self) {
        a.dynamic = a.dynamic.adding(b.dynamic)
        a.static = a.static.adding(b.static)
    }

    package static func -= (a: inout Self, b: Self) {
        a.dynamic -= b.dynamic
        a.static -= b.static
    }
}

/// What a workload used in a period, itself and without what lies below it.
package struct HistoryUsage: Sendable, Equatable, Codable {
    package var cpuMicroseconds: Int64 = 0
    /// nil while not known.
    package var emissionsMicrograms: Int64?
    /// Price of the energy, 1e-9 of the currency; nil where none is configured.
    package var costNanos: Int64?
    /// In the order of the zones.
    package var energy: [HistoryEnergy]

    package init(zones: Int) {
        energy = [HistoryEnergy](repeating: HistoryEnergy(), count: zones)
    }

    package var isZero: Bool {
        cpuMicroseconds == 0 && (emissionsMicrograms ?? 0) == 0 && energy.allSatisfy(\.isZero)
    }

    mutating func add(cpuMicroseconds: Int64, emissionsMicrograms: Int64?, costNanos: Int64?) {
        self.cpuMicroseconds = self.cpuMicroseconds.adding(cpuMicroseconds)
        if let more = emissionsMicrograms { self.emissionsMicrograms = (self.emissionsMicrograms ?? 0).adding(more) }
        if let more = costNanos { self.costNanos = (self.costNanos ?? 0).adding(more) }
    }

    package static func += (a: inout Self, b: Self) {
        a.add(
            cpuMicroseconds: b.cpuMicroseconds, emissionsMicrograms: b.emissionsMicrograms, costNanos: b.costNanos)
        for zone in a.energy.indices { a.energy[zone] += b.energy[zone] }
    }
}

/// What a node used in one minute: what the store is fed with.
package struct HistoryPeriod: Sendable, Equatable {
    /// Unix time of its beginning, s: a whole minute.
    package var start: Int64
    /// How much of it was measured, s.
    package var seconds: Double
    package var zones: [HistoryZone]
    package var factors: HistoryFactors
    package var usage: [HistoryWorkload: HistoryUsage]
    /// Those of ``usage`` whose names users chose who are not root: of these, hours have the greatest only.
    package var userMade: Set<HistoryWorkload> = []

    package init(
        start: Int64, seconds: Double, zones: [HistoryZone], factors: HistoryFactors,
        usage: [HistoryWorkload: HistoryUsage]
    ) {
        self.start = start
        self.seconds = seconds
        self.zones = zones
        self.factors = factors
        self.usage = usage
    }

    /// True where nothing was measured.
    var isEmpty: Bool { seconds == 0 && usage.isEmpty }

    /// Energy of all zones, uJ.
    package var microjoules: Int64 {
        usage.values.reduce(0) { $0 + $1.energy.reduce(0) { $0 + $1.sum } }
    }
}

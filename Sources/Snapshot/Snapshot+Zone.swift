extension Snapshot {
    /// One metered or estimated part of the machine.
    package struct ZoneState: Codable, Sendable, Equatable {
        package var name: String
        /// `rapl`, `perf`, `hwmon`, `ipmi`, `redfish`, `host`, `estimate`, `model-file`: docs/meters.md.
        package var source: String
        /// `measured`, `modelled`, `estimated`.
        package var quality: String
        /// `cpu`, `memory` or `enclosure`, as OpenTelemetry's `hw.type`.
        package var hardware: String
        /// Cumulative since the agent started.
        package var energyMicrojoules: UInt64
        /// nil while ``isUp`` is false.
        package var powerWatts: Double?
        /// Static (idle) power of the zone in the last window in which it was up.
        package var staticWatts: Double
        /// What contains the true static power nine times out of ten; nil where the zone's energy is not divided.
        package var staticLowWatts: Double?
        package var staticHighWatts: Double?
        /// How the static power is known: `configured`, `learned` at rest, `extrapolated` from how power followed the
        /// load, or `prior`, published figures.
        package var staticQuality: String?
        /// What the zone's dynamic energy is worth, given both ``quality`` and ``staticQuality``: `measured`, `modelled`,
        /// `estimated`.
        package var dynamicQuality: String?
        /// False while the meter cannot be read; the energy does not advance then.
        package var isUp: Bool
        /// `counter`, `sampled` (power readings added up), `computed`, `remainder` (of the node's meter).
        package var method: String?
        /// The band that the true power lies in nine times out of ten; nil where it is measured.
        package var powerLowWatts: Double?
        package var powerHighWatts: Double?
        /// How the zone's dynamic energy is divided; nil before anything was.
        package var attribution: Attribution?
        /// What a measured zone drew at which load of the node, for model files; nil where it is not measured.
        package var loadCurve: [LoadPoint]?

        package init(
            name: String, source: String, quality: String, hardware: String, energyMicrojoules: UInt64,
            powerWatts: Double?, staticWatts: Double, isUp: Bool, powerLowWatts: Double? = nil,
            powerHighWatts: Double? = nil, attribution: Attribution? = nil, loadCurve: [LoadPoint]? = nil
        ) {
            self.name = name
            self.source = source
            self.quality = quality
            self.hardware = hardware
            self.energyMicrojoules = energyMicrojoules
            self.powerWatts = powerWatts
            self.staticWatts = staticWatts
            self.isUp = isUp
            self.powerLowWatts = powerLowWatts
            self.powerHighWatts = powerHighWatts
            self.attribution = attribution
            self.loadCurve = loadCurve
        }
    }

    /// Mean power of a zone at one load.
    package struct LoadPoint: Codable, Sendable, Equatable {
        /// 0...1.
        package var utilization: Double
        package var watts: Double
        /// Mean absolute deviation.
        package var spreadWatts: Double
        /// Time that was spent at this load, s.
        package var seconds: Double

        package init(utilization: Double, watts: Double, spreadWatts: Double, seconds: Double) {
            self.utilization = utilization
            self.watts = watts
            self.spreadWatts = spreadWatts
            self.seconds = seconds
        }
    }

    /// The method in force for the dynamic energy of one zone, and how good it is.
    package struct Attribution: Codable, Sendable, Equatable {
        /// `model`, `cpu-time`, `cycles` or `ratio`.
        package var method: String
        /// Why that one.
        package var reason: String
        /// Share of the dynamic energy that the regression divides, 0...1; CPU time divides the rest.
        package var modelShare: Double
        /// Mean absolute error of the regression, and of CPU time, against the meter over the last minutes; nil where
        /// there is nothing to compare.
        package var modelErrorWatts: Double?
        package var cpuTimeErrorWatts: Double?
        /// What the workloads have in common: W per unit of each feature; see docs/model.md.
        package var coefficients: [String: Double]

        package init(
            method: String, reason: String, modelShare: Double = 0, modelErrorWatts: Double? = nil,
            cpuTimeErrorWatts: Double? = nil,
            coefficients: [String: Double] = [:]
        ) {
            self.method = method
            self.reason = reason
            self.modelShare = modelShare
            self.modelErrorWatts = modelErrorWatts
            self.cpuTimeErrorWatts = cpuTimeErrorWatts
            self.coefficients = coefficients
        }
    }
}

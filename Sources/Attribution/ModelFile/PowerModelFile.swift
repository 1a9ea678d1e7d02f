package import Units

/// What a node with a meter learned, for nodes of the same CPU without one. Its JSON form is a contract.
package struct PowerModelFile: Codable, Sendable, Equatable {
    package static let formatName = "energyd-power-model"
    package static let currentVersion = 1

    package struct Zone: Codable, Sendable, Equatable {
        /// `package` or `dram`: all zones of the kind together.
        package var component: String
        package var staticWatts: Double
        /// By rising load.
        package var curve: [MeasuredCurve.Point]
        /// What the workloads have in common, W by name of the feature; see ``PowerFeatures``.
        package var coefficients: [String: Double]

        package init(
            component: String, staticWatts: Double, curve: [MeasuredCurve.Point], coefficients: [String: Double]
        ) {
            self.component = component
            self.staticWatts = staticWatts
            self.curve = curve
            self.coefficients = coefficients
        }
    }

    package var format = PowerModelFile.formatName
    package var version = PowerModelFile.currentVersion
    /// The name in /proc/cpuinfo.
    package var cpuModel: String
    /// Logical CPUs that were online.
    package var cpuCount: Int
    /// RFC 3339.
    package var created: String
    package var zones: [Zone]

    package init(cpuModel: String, cpuCount: Int, created: String, zones: [Zone]) {
        self.cpuModel = cpuModel
        self.cpuCount = cpuCount
        self.created = created
        self.zones = zones
    }

    /// Time at one load that counts as known, s, and the span of loads that a curve must cover.
    private static let minSeconds = 30.0
    private static let minSpan = 0.2

    /// Why the file is unusable, in words; nil where it is sound.
    package var defect: String? {
        guard format == Self.formatName else { return "its format is not \(Self.formatName)" }
        guard version == Self.currentVersion else {
            return "it has version \(version), this release reads version \(Self.currentVersion)"
        }
        guard !cpuModel.isEmpty else { return "it names no CPU" }
        guard (1...100_000).contains(cpuCount) else { return "it was made on \(cpuCount) CPUs" }
        guard zones.contains(where: { $0.component == "package" }) else { return "it has no package" }
        guard Set(zones.map(\.component)).count == zones.count else { return "a zone occurs twice" }
        for zone in zones {
            guard ["package", "dram"].contains(zone.component) else { return "it has an unknown zone" }
            guard (0...1e5).contains(zone.staticWatts) else { return "a static power is out of range" }
            guard zone.coefficients.values.allSatisfy({ (0...1e6).contains($0) }) else {
                return "a coefficient is out of range"
            }
            for point in zone.curve {
                guard (0...1).contains(point.utilization), (0.01...1e5).contains(point.watts),
                    (0...1e5).contains(point.spreadWatts), point.seconds > 0
                else { return "a point of a curve is out of range" }
            }
            let known = Self.known(zone.curve)
            guard let first = known.first, let last = known.last, last.utilization - first.utilization >= Self.minSpan
            else {
                return "the \(zone.component) was not measured under different loads: half a minute each is needed, at "
                    + "loads that lie a fifth apart"
            }
            guard zip(zone.curve, zone.curve.dropFirst()).allSatisfy({ $0.utilization < $1.utilization }) else {
                return "a curve does not rise with load"
            }
        }
        return nil
    }

    /// Why it does not fit a machine, in words; nil where it does.
    package func misfit(cpuModel name: String) -> String? {
        if let defect { return defect }
        guard name == cpuModel else {
            return "it was learned on '\(cpuModel)', this is '\(name.isEmpty ? "a CPU without a name" : name)'"
        }
        return nil
    }

    /// The points that enough time was spent at.
    static func known(_ curve: [MeasuredCurve.Point]) -> [MeasuredCurve.Point] {
        curve.filter { $0.seconds >= minSeconds }
    }
}

extension PowerModelFile.Zone {
    /// Power and its band at a load of the machine that it was learned on.
    ///
    /// Between two points linear; beyond the last along ``CPUPowerProfile/dynamicFraction(at:)``, with a wider band.
    package func power(at utilization: Double) -> (watts: Watts, band: ClosedRange<Watts>) {
        let known = PowerModelFile.known(curve)
        let load = utilization > 0 ? min(utilization, 1) : 0
        guard let first = known.first, let last = known.last else {
            return (Watts(staticWatts), Watts(0)...Watts(staticWatts * 2))
        }
        var (watts, spread) = (first.watts, first.spreadWatts)
        var isBeyond = false
        if load > last.utilization {
            let ratio =
                CPUPowerProfile.dynamicFraction(at: load)
                / max(CPUPowerProfile.dynamicFraction(at: last.utilization), 0.01)
            let base = min(staticWatts, last.watts)
            (watts, spread) = (base + (last.watts - base) * ratio, last.spreadWatts)
            isBeyond = load - last.utilization > 0.1
        } else if load < first.utilization {
            let part = load / first.utilization
            let base = min(staticWatts, first.watts)
            watts = base + (first.watts - base) * part
            isBeyond = first.utilization - load > 0.1
        } else if let upper = known.dropFirst().firstIndex(where: { $0.utilization >= load }) {
            let (a, b) = (known[upper - 1], known[upper])
            let part = (load - a.utilization) / (b.utilization - a.utilization)
            watts = a.watts + (b.watts - a.watts) * part
            spread = max(a.spreadWatts, b.spreadWatts)
        }
        // Nine tenths of a normal distribution lie within two mean deviations; another copy of the part, and another
        // cooling, differ by a tenth or so besides.
        let margin = min(watts, 2.1 * spread + watts * (isBeyond ? 0.3 : 0.1))
        return (Watts(watts), Watts(watts - margin)...Watts(watts + margin))
    }
}

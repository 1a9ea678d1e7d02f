package import Attribution
package import Units

/// Power without a meter, from the measurements of a node with the same CPU. All of it is marked `modelled`.
package struct LearnedSource: PowerSource {
    package let name = "model-file"
    package let health = SourceHealth()

    private let model: PowerModelFile
    private var hasBase = false

    /// - Parameter model: without a defect, and of this machine's CPU.
    package init(model: PowerModelFile) {
        self.model = model
    }

    package mutating func sample(at now: Seconds) {}

    package mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        guard hasBase else {
            hasBase = true
            return []
        }
        // A virtual machine or another number of sockets has its threads' part of the power.
        let scale = Double(activity.cpuCount) / Double(model.cpuCount)
        return model.zones.compactMap { zone in
            guard let component = Zone.Component(rawValue: zone.component) else { return nil }
            let (watts, band) = zone.power(at: activity.utilization)
            let idle = min(zone.staticWatts, watts.value) * scale
            return ZoneReading(
                zone: Zone(ZoneID(component), source: name, quality: .modelled),
                energy: (watts * scale).energy(over: activity.duration),
                // Another copy of the part, and other settings, differ by a quarter.
                staticPower: Watts(idle), staticBand: Watts(idle / 1.25)...Watts(idle * 1.25),
                band: band.lowerBound * scale...band.upperBound * scale)
        }
    }
}

package import Attribution
package import Units

/// Power without a meter, from CPU, threads, load and memory, by published measurements of such machines.
/// All of it is marked `estimated`.
package struct EstimateSource: PowerSource {
    package static let name = "estimate"
    package var name: String { Self.name }
    package let health = SourceHealth()

    package let profile: CPUPowerProfile
    private let memory: MemoryPower
    private let memoryGigabytes: Double
    private var hasBase = false

    /// - Parameter memoryBytes: main memory; nil leaves the memory's zone out, because unknown is not zero.
    package init(cpu: CPUModel, memoryBytes: UInt64?) {
        profile = CPUPowerProfile(for: cpu)
        memory = MemoryPower(beside: .named(cpu.name))
        memoryGigabytes = Double(memoryBytes ?? 0) / 1e9
    }

    package mutating func sample(at now: Seconds) {}

    package mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        guard hasBase else {
            hasBase = true
            return []
        }
        let load = activity.utilization
        var readings = [
            reading(
                .package, power: profile.watts(threads: activity.cpuCount, utilization: load),
                idle: profile.watts(threads: activity.cpuCount, utilization: 0),
                idleBand: profile.band(threads: activity.cpuCount, utilization: 0),
                band: profile.band(threads: activity.cpuCount, utilization: load), over: activity.duration)
        ]
        if memoryGigabytes > 0 {
            readings.append(
                reading(
                    .dram, power: memory.watts(gigabytes: memoryGigabytes, utilization: load),
                    idle: memory.watts(gigabytes: memoryGigabytes, utilization: 0),
                    idleBand: memory.band(gigabytes: memoryGigabytes, utilization: 0),
                    band: memory.band(gigabytes: memoryGigabytes, utilization: load), over: activity.duration))
        }
        return readings
    }

    /// The zones carry no number: one figure covers all sockets.
    private func reading(
        _ component: Zone.Component, power: Watts, idle: Watts, idleBand: ClosedRange<Watts>, band: ClosedRange<Watts>,
        over duration: Seconds
    ) -> ZoneReading {
        ZoneReading(
            zone: Zone(ZoneID(component), source: name, quality: .estimated),
            energy: power.energy(over: duration), staticPower: idle, staticBand: idleBand, band: band)
    }
}

import Snapshot
import SnapshotSamples
import TestSupport

/// Snapshots as no agent makes them: every number may be any that there is.
struct HostileSnapshots {
    private static let doubles: [Double] = [
        0, -0.0, 1, -1, 0.5, 1e300, -1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity,
        .nan, 1e19, 9.3e18,
    ]
    private static let counts: [UInt64] = [0, 1, .max, .max / 2 + 1, 1 << 53]

    private var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func next() -> Snapshot {
        var snapshot = fullSnapshot()
        change(&snapshot.unixTime)
        change(&snapshot.windowSeconds)
        change(&snapshot.sequence)
        change(&snapshot.carbon.intensityGramsPerKilowattHour)
        change(&snapshot.carbon.pue)
        snapshot.price = .init(perKilowattHour: 0.3, currency: "EUR")
        if var price = snapshot.price {
            change(&price.perKilowattHour)
            snapshot.price = price
        }
        change(&snapshot.agent.drainSeconds)
        change(&snapshot.agent.tickSeconds)
        change(&snapshot.node)
        for index in snapshot.workloads.indices { change(&snapshot.workloads[index]) }
        for index in snapshot.processes.indices {
            change(&snapshot.processes[index].cpuSeconds)
            change(&snapshot.processes[index].cpuUsage)
            change(&snapshot.processes[index].powerWatts)
            change(&snapshot.processes[index].zones)
            if one(of: 4) { snapshot.processes[index].pid = .min }
        }
        for index in (snapshot.aggregates ?? []).indices {
            guard var sum = snapshot.aggregates?[index] else { continue }
            sum.pods = [.max, .min, 0, -1, 3].randomElement(using: &generator) ?? 0
            change(&sum.cpuUsage)
            change(&sum.powerWatts)
            change(&sum.emissionsGrams)
            change(&sum.zones)
            snapshot.aggregates?[index] = sum
        }
        return snapshot
    }

    private mutating func one(of count: Int) -> Bool { Int.random(in: 0..<count, using: &generator) == 0 }

    private mutating func change(_ value: inout Double) {
        if one(of: 2) { value = Self.doubles.randomElement(using: &generator) ?? 0 }
    }

    private mutating func change(_ value: inout Double?) {
        if one(of: 2) { value = one(of: 5) ? nil : Self.doubles.randomElement(using: &generator) }
    }

    private mutating func change(_ value: inout UInt64) {
        if one(of: 2) { value = Self.counts.randomElement(using: &generator) ?? 0 }
    }

    private mutating func change(_ zones: inout NamedValues<Snapshot.ZoneEnergy>) {
        zones = NamedValues(
            names: zones.names,
            values: zones.values.map { energy in
                var energy = energy
                change(&energy.dynamicMicrojoules)
                change(&energy.staticMicrojoules)
                return energy
            })
    }

    private mutating func change(_ bucket: inout Snapshot.Bucket) {
        change(&bucket.powerWatts)
        change(&bucket.cpuSeconds)
        change(&bucket.emissionsGrams)
        for name in bucket.zones.keys.sorted() {
            var energy = bucket.zones[name] ?? 0
            change(&energy)
            bucket.zones[name] = energy
        }
    }

    private mutating func change(_ node: inout Snapshot.Node) {
        node.cpuCount = [.max, .min, 0, -1, 8].randomElement(using: &generator) ?? 0
        change(&node.cpuSeconds)
        change(&node.cpuUsage)
        change(&node.powerWatts)
        change(&node.emissionsGrams)
        change(&node.idle)
        change(&node.system)
        change(&node.unattributed)
        for index in node.zones.indices {
            change(&node.zones[index].energyMicrojoules)
            change(&node.zones[index].powerWatts)
            change(&node.zones[index].powerLowWatts)
            change(&node.zones[index].powerHighWatts)
            change(&node.zones[index].staticWatts)
        }
        if var known = node.staticPower {
            change(&known.lowWatts)
            change(&known.highWatts)
            change(&known.quietestCPUs)
            known.quality = "prior"
            node.staticPower = known
        }
    }

    private mutating func change(_ workload: inout Snapshot.Workload) {
        change(&workload.cpuSeconds)
        change(&workload.cpuUsage)
        change(&workload.powerWatts)
        change(&workload.emissionsGrams)
        change(&workload.zones)
        if one(of: 8) { workload.parentId = workload.id }
        guard var scheduling = workload.scheduling else { return }
        change(&scheduling.voluntarySwitches)
        change(&scheduling.involuntarySwitches)
        change(&scheduling.waitSeconds)
        change(&scheduling.throttledSeconds)
        workload.scheduling = scheduling
    }
}

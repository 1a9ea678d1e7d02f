internal import Ledger
internal import Snapshot
internal import Units

extension Totals {
    /// Mean number of CPUs that were kept busy in the window.
    func cpuUsage(window: Double) -> Double {
        window > 0 ? Seconds(nanoseconds: windowNanoseconds).value / window : 0
    }

    func watts(window: Double) -> Double {
        windowEnergy.power(over: Seconds(window)).value
    }

    var cpuSeconds: Double { Seconds(nanoseconds: cpuNanoseconds).value }

    /// Cumulative energy under the names of the zones.
    func energyByZone(_ zones: [String]) -> NamedValues<Snapshot.ZoneEnergy> {
        NamedValues(
            names: zones,
            values: zones.indices.map(energy(ofZone:)))
    }

    func energy(ofZone zone: Int) -> Snapshot.ZoneEnergy {
        Snapshot.ZoneEnergy(dynamicMicrojoules: dynamicEnergy(zone), staticMicrojoules: staticEnergy(zone))
    }

    /// The same for a part of the node.
    func bucket(window: Double, zones: [String], countsTime: Bool) -> Snapshot.Bucket {
        let energy = energyByZone(zones)
        var bucket = Snapshot.Bucket(
            cpuSeconds: countsTime ? cpuSeconds : nil,
            powerWatts: watts(window: window), emissionsGrams: emissions.value,
            zones: Dictionary(
                uniqueKeysWithValues: energy.map { ($0, $1.dynamicMicrojoules + $1.staticMicrojoules) }))
        if energy.values.contains(where: { $0.staticMicrojoules > 0 }) {
            bucket.staticZones = Dictionary(uniqueKeysWithValues: energy.map { ($0, $1.staticMicrojoules) })
        }
        return bucket
    }

    /// Since when it counts, Unix time, s; nil where that is since the ledger began.
    var beginning: Double? { since > 0 ? since : nil }
}

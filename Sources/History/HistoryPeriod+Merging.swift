extension HistoryPeriod {
    /// Workloads that a merged period has at most; what others used is not attributed then.
    private static let mostWorkloads = 20_000

    /// Adds a later period that could not be stored by itself. Its energy counts as used in this one's time.
    package mutating func merge(_ next: HistoryPeriod) {
        seconds += next.seconds
        factors = next.factors
        let places = next.zones.map { zone in
            if let place = zones.firstIndex(of: zone) { return place }
            zones.append(zone)
            for workload in usage.keys { usage[workload]?.energy.append(HistoryEnergy()) }
            return zones.count - 1
        }
        for (workload, used) in next.usage {
            var arranged = HistoryUsage(zones: zones.count)
            arranged.cpuMicroseconds = used.cpuMicroseconds
            (arranged.emissionsMicrograms, arranged.costNanos) = (used.emissionsMicrograms, used.costNanos)
            for (place, energy) in zip(places, used.energy) { arranged.energy[place] += energy }
            let isKnown = usage[workload] != nil || usage.count < Self.mostWorkloads
            let heir = isKnown ? workload : HistoryWorkload(.unattributed)
            if usage[heir] == nil {
                usage[heir] = arranged
            } else {
                usage[heir]? += arranged
            }
        }
    }
}

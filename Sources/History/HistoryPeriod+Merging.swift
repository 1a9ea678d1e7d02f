extension HistoryPeriod {
    /// Adds a later period that could not be stored by itself. Its energy counts as used in this one's time.
    ///
    /// - Parameter most: workloads that the result has at most, but for one; what others used is not attributed then.
    package mutating func merge(_ next: HistoryPeriod, most: Int = 20_000) {
        seconds += next.seconds
        userMade.formUnion(next.userMade)
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
            let isKnown = usage[workload] != nil || usage.count < most
            let heir = isKnown ? workload : HistoryWorkload(.unattributed)
            if usage[heir] == nil {
                usage[heir] = arranged
            } else {
                usage[heir]? += arranged
            }
        }
        userMade.formIntersection(usage.keys)
    }
}

extension Snapshot {
    /// One of the four parts that a node's energy is divided into.
    package struct Part: Sendable {
        package let name: String
        /// Cumulative uJ, in the order of the node's zones.
        package let energy: [UInt64]
        /// nil while it is not known.
        package let powerWatts: Double?
        /// nil where no energy was ever known.
        package let grams: Double?
        /// nil where the part is not about CPU time.
        package let cpuSeconds: Double?
    }

    /// `workloads`, `system`, `idle`, `unattributed`: together the node, exactly. Linear in the number of workloads.
    package var parts: [Part] {
        func part(_ name: String, _ bucket: Bucket) -> Part {
            Part(
                name: name, energy: node.zones.map { bucket.zones[$0.name] ?? 0 }, powerWatts: bucket.powerWatts,
                grams: bucket.emissionsGrams, cpuSeconds: bucket.cpuSeconds)
        }
        return [
            workloadsPart, part("system", node.system), part("idle", node.idle),
            part("unattributed", node.unattributed),
        ]
    }

    /// What the workloads without a parent have together.
    private var workloadsPart: Part {
        let zones = node.zones.map(\.name)
        var energy = [UInt64](repeating: 0, count: zones.count)
        var order = NameOrder(zones)
        // One unknown value makes the sum unknown; no workloads at all sum to zero if the node's value is known.
        var (watts, grams, seconds): (Double?, Double?, Double) = (0, 0, 0)
        for index in workloads.indices where workloads[index].parentId == nil {
            let amounts = workloads[index].zones
            for (zone, place) in order.places(in: amounts.names).enumerated() {
                guard let place else { continue }
                energy[zone] += amounts.values[place].dynamicMicrojoules + amounts.values[place].staticMicrojoules
            }
            watts = watts.flatMap { sum in workloads[index].powerWatts.map { sum + $0 } }
            grams = grams.flatMap { sum in workloads[index].emissionsGrams.map { sum + $0 } }
            seconds += workloads[index].cpuSeconds
        }
        return Part(
            name: "workloads", energy: energy, powerWatts: node.powerWatts == nil ? nil : watts,
            grams: node.emissionsGrams == nil ? nil : grams, cpuSeconds: seconds)
    }

    /// Energy of each of the node's zones minus everything that was attributed, uJ. Anything but zero is a defect.
    ///
    /// - Parameter parts: ``parts``, which a caller with several questions computes once.
    package func conservationErrors(_ parts: [Part]) -> [Int64] {
        node.zones.indices.map { zone in
            Int64(clamping: node.zones[zone].energyMicrojoules)
                - parts.reduce(0) { $0 + Int64(clamping: $1.energy[zone]) }
        }
    }

    /// The same of one zone.
    package func conservationError(of zone: ZoneState) -> Int64 {
        zip(node.zones, conservationErrors(parts)).first { $0.0.name == zone.name }?.1 ?? 0
    }
}

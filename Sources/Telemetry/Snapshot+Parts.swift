extension Snapshot {
    /// One of the four places to which a node's energy goes.
    package struct Part {
        package let name: String
        package let zones: [String: UInt64]
        package let powerWatts: Double
        package let grams: Double
        /// nil where the part is not about CPU time.
        package let cpuSeconds: Double?
    }

    /// `workloads`, `system`, `idle`, `unattributed`: together the node, exactly.
    package var parts: [Part] {
        let top = workloads.filter { $0.parentId == nil }
        let ofWorkloads = Part(
            name: "workloads",
            zones: top.reduce(into: [:]) { sum, workload in
                for (zone, amount) in workload.zones {
                    sum[zone, default: 0] += amount.dynamicMicrojoules + amount.staticMicrojoules
                }
            },
            powerWatts: top.reduce(0) { $0 + $1.powerWatts }, grams: top.reduce(0) { $0 + $1.emissionsGrams },
            cpuSeconds: top.reduce(0) { $0 + $1.cpuSeconds })
        func part(_ name: String, _ bucket: Bucket) -> Part {
            Part(
                name: name, zones: bucket.zones, powerWatts: bucket.powerWatts, grams: bucket.emissionsGrams,
                cpuSeconds: bucket.cpuSeconds)
        }
        return [
            ofWorkloads, part("system", node.system), part("idle", node.idle),
            part("unattributed", node.unattributed),
        ]
    }

    /// Energy of a zone less everything that was handed out, uJ. Zero, or there is a defect.
    package func conservationError(of zone: ZoneState) -> Int64 {
        Int64(clamping: zone.energyMicrojoules) - parts.reduce(0) { $0 + Int64(clamping: $1.zones[zone.name] ?? 0) }
    }
}

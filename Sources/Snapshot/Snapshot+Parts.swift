extension Snapshot {
    /// One of the four places to which a node's energy goes.
    package struct Part {
        package let name: String
        package let zones: [String: UInt64]
        /// nil while it is not known.
        package let powerWatts: Double?
        /// nil where no energy was ever known.
        package let grams: Double?
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
            // One that is unknown makes the sum unknown; none at all are nothing, where the node's is known.
            powerWatts: node.powerWatts == nil ? nil : sum(top.map(\.powerWatts)),
            grams: node.emissionsGrams == nil ? nil : sum(top.map(\.emissionsGrams)),
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

    private func sum(_ values: [Double?]) -> Double? {
        values.reduce(0) { sum, value in sum.flatMap { sum in value.map { sum + $0 } } }
    }

    /// Energy of a zone less everything that was handed out, uJ. Zero, or there is a defect.
    package func conservationError(of zone: ZoneState) -> Int64 {
        Int64(clamping: zone.energyMicrojoules) - parts.reduce(0) { $0 + Int64(clamping: $1.zones[zone.name] ?? 0) }
    }
}

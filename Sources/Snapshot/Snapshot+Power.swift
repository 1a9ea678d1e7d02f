extension Snapshot {
    /// The meter of the whole node: its zones add up to what this one shows.
    package struct NodeMeter: Codable, Sendable, Equatable {
        package var source: String
        package var quality: String
        /// True where it sees everything that goes into the node; false for a processor's own (`psys`).
        package var isInlet: Bool

        package init(source: String, quality: String, isInlet: Bool) {
            self.source = source
            self.quality = quality
            self.isInlet = isInlet
        }
    }

    /// Two meters of the same energy, compared over the last ten seconds or more, slow ones over minutes.
    package struct CrossCheckState: Codable, Sendable, Equatable {
        /// A zone; `inlet` where both measure the whole node, `platform` where its meter is compared with its parts,
        /// `battery` where it is compared with a discharging battery, `parts` where there is no such meter and the
        /// battery is compared with the parts.
        package var zone: String
        package var source: String
        package var other: String
        /// Energy by `other` per energy by `source`.
        package var ratio: Double
        package var agrees: Bool

        package init(zone: String, source: String, other: String, ratio: Double, agrees: Bool) {
            self.zone = zone
            self.source = source
            self.other = other
            self.ratio = ratio
            self.agrees = agrees
        }
    }

    /// Leaves out what is not known: every power, or, of a node without any zone, emissions too.
    package mutating func forgetPower() {
        let knowsEmissions = !node.zones.isEmpty
        func forget<T>(
            _ part: inout T, _ power: WritableKeyPath<T, Double?>, _ emissions: WritableKeyPath<T, Double?>
        ) {
            part[keyPath: power] = nil
            if !knowsEmissions { part[keyPath: emissions] = nil }
        }
        forget(&node, \.powerWatts, \.emissionsGrams)
        for bucket in [\Node.idle, \.system, \.unattributed] {
            forget(&node[keyPath: bucket], \.powerWatts, \.emissionsGrams)
        }
        for index in workloads.indices { forget(&workloads[index], \.powerWatts, \.emissionsGrams) }
        for index in processes.indices { forget(&processes[index], \.powerWatts, \.emissionsGrams) }
        for index in commands.indices { forget(&commands[index], \.powerWatts, \.emissionsGrams) }
        aggregates = aggregates?.map { aggregate in
            var aggregate = aggregate
            forget(&aggregate, \.powerWatts, \.emissionsGrams)
            return aggregate
        }
    }
}

extension Snapshot {
    /// The machine as a whole.
    package struct Node: Codable, Sendable, Equatable {
        package var name: String
        package var cpuModel: String
        /// Logical CPUs that are online.
        package var cpuCount: Int
        /// CPU time used by everything since the agent started, s.
        package var cpuSeconds: Double
        /// Mean number of busy CPUs in the window.
        package var cpuUsage: Double
        /// Power of all zones together in the window; nil while it is unknown, as in all of the snapshot.
        package var powerWatts: Double?
        /// nil where no energy was ever known, as in all of the snapshot.
        package var emissionsGrams: Double?
        package var zones: [ZoneState]
        /// What the machine draws whether or not anything runs.
        package var idle: Bucket
        /// Kernel threads.
        package var system: Bucket
        /// Energy that cannot be attributed to a workload: of workloads that overflowed the kernel's table, or of
        /// a time during which the meter could not be read.
        package var unattributed: Bucket
        /// The meter of the whole node; nil where there is none and the node is the sum of what is known.
        package var meter: NodeMeter?
        /// What is known of the static power; nil where no zone's energy is divided.
        package var staticPower: StaticPower?

        package init(
            name: String, cpuModel: String, cpuCount: Int, cpuSeconds: Double, cpuUsage: Double, powerWatts: Double?,
            emissionsGrams: Double?, zones: [ZoneState], idle: Bucket, system: Bucket, unattributed: Bucket
        ) {
            self.name = name
            self.cpuModel = cpuModel
            self.cpuCount = cpuCount
            self.cpuSeconds = cpuSeconds
            self.cpuUsage = cpuUsage
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
            self.idle = idle
            self.system = system
            self.unattributed = unattributed
        }
    }

    /// What the node draws whether or not anything runs: the sums of its zones, and how that is known.
    package struct StaticPower: Codable, Sendable, Equatable {
        package var watts: Double
        /// What contains the true power nine times out of ten.
        package var lowWatts: Double
        package var highWatts: Double
        /// That of the zone that is known least: `configured`, `learned`, `extrapolated`, `prior`.
        package var quality: String
        /// What the energy of workloads is worth, at worst: `measured`, `modelled`, `estimated`.
        package var dynamicQuality: String
        /// The lowest load that it rests on, in busy CPUs; nil where it rests on none.
        package var quietestCPUs: Double?

        package init(
            watts: Double, lowWatts: Double, highWatts: Double, quality: String, dynamicQuality: String,
            quietestCPUs: Double? = nil
        ) {
            self.watts = watts
            self.lowWatts = lowWatts
            self.highWatts = highWatts
            self.quality = quality
            self.dynamicQuality = dynamicQuality
            self.quietestCPUs = quietestCPUs
        }
    }

    /// Energy that belongs to no workload.
    package struct Bucket: Codable, Sendable, Equatable {
        /// CPU time, s; nil where the bucket is not about CPU time.
        package var cpuSeconds: Double?
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        /// Cumulative uJ by zone name.
        package var zones: [String: UInt64]
        /// Of ``zones``, what `--attribution.static` charges of the power that the node draws at rest, uJ; nil where that
        /// is nothing, and for `idle`, which is all at rest.
        package var staticZones: [String: UInt64]?

        package init(cpuSeconds: Double?, powerWatts: Double?, emissionsGrams: Double?, zones: [String: UInt64]) {
            self.cpuSeconds = cpuSeconds
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
        }
    }
}

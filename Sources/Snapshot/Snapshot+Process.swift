extension Snapshot {
    /// A breakdown of a workload, not a part of the tree.
    package struct Process: Codable, Sendable, Equatable {
        package var pid: Int32
        package var comm: String
        package var workloadId: String
        /// That it runs or ran in: one that was moved has a row for each. nil from an agent that does not say.
        package var cgroupId: UInt64?
        package var cpuSeconds: Double
        package var cpuUsage: Double
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        package var zones: NamedValues<ZoneEnergy>

        package init(
            pid: Int32, comm: String, workloadId: String, cgroupId: UInt64?, cpuSeconds: Double, cpuUsage: Double,
            powerWatts: Double?, emissionsGrams: Double?, zones: NamedValues<ZoneEnergy>
        ) {
            self.pid = pid
            self.comm = comm
            self.workloadId = workloadId
            self.cgroupId = cgroupId
            self.cpuSeconds = cpuSeconds
            self.cpuUsage = cpuUsage
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
        }
    }

    /// All processes of one name in one workload, together.
    package struct Command: Codable, Sendable, Equatable {
        package var comm: String
        package var workloadId: String
        package var cpuSeconds: Double
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        package var zones: NamedValues<ZoneEnergy>
        /// As in ``Workload/since``.
        package var since: Double?

        package init(
            comm: String, workloadId: String, cpuSeconds: Double, powerWatts: Double?, emissionsGrams: Double?,
            zones: NamedValues<ZoneEnergy>
        ) {
            self.comm = comm
            self.workloadId = workloadId
            self.cpuSeconds = cpuSeconds
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
        }
    }
}

extension Snapshot {
    /// A container, pod, job, unit, slice, virtual machine or plain cgroup. Everything cumulative includes what lies
    /// below it in the tree.
    package struct Workload: Codable, Sendable, Equatable {
        /// Unique and stable for as long as the workload is shown.
        package var id: String
        /// One of `container`, `pod`, `namespace`, `job`, `unit`, `slice`, `vm`, `cgroup`.
        package var kind: String
        package var name: String
        package var cgroupPath: String
        package var cgroupId: UInt64
        package var parentId: String?
        /// True where its figures are part of those of another of its kind too: a unit in a unit, a container in a
        /// container. nil elsewhere.
        package var isNested: Bool?
        /// False once its cgroup is gone; it stays visible, with its final values, for the retention time.
        package var isAlive: Bool
        package var cpuSeconds: Double
        /// Mean number of CPUs it kept busy in the window.
        package var cpuUsage: Double
        /// Cumulative; nil where the accounting does not know (tier `procfs`).
        package var contextSwitches: UInt64?
        /// How it ran; nil where the accounting does not know (tier `procfs`).
        package var scheduling: Scheduling?
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        package var zones: NamedValues<ZoneEnergy>
        /// Since when its cumulative figures count, Unix time, s; nil where that is since ``AgentState/startTime``.
        package var since: Double?
        /// True while its name may still come; nil elsewhere.
        package var isAwaitingName: Bool?
        /// What else is known, by OpenTelemetry attribute name: `container.id`, `container.runtime.name`,
        /// `k8s.pod.uid`, ...
        package var labels: [String: String]

        package init(
            id: String, kind: String, name: String, cgroupPath: String, cgroupId: UInt64, parentId: String?,
            isAlive: Bool, cpuSeconds: Double, cpuUsage: Double, contextSwitches: UInt64?, powerWatts: Double?,
            emissionsGrams: Double?, zones: NamedValues<ZoneEnergy>, labels: [String: String]
        ) {
            self.id = id
            self.kind = kind
            self.name = name
            self.cgroupPath = cgroupPath
            self.cgroupId = cgroupId
            self.parentId = parentId
            self.isAlive = isAlive
            self.cpuSeconds = cpuSeconds
            self.cpuUsage = cpuUsage
            self.contextSwitches = contextSwitches
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
            self.labels = labels
        }
    }

    /// Cumulative energy of one workload or process in one zone.
    package struct ZoneEnergy: Codable, Sendable, Equatable {
        package var dynamicMicrojoules: UInt64
        package var staticMicrojoules: UInt64

        package init(dynamicMicrojoules: UInt64, staticMicrojoules: UInt64) {
            self.dynamicMicrojoules = dynamicMicrojoules
            self.staticMicrojoules = staticMicrojoules
        }
    }
}

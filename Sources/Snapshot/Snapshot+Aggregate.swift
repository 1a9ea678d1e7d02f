extension Snapshot {
    /// A sum over pods with the same owner or label. Cumulative figures only ever grow, even when pods
    /// end. A pod is in one aggregate of each owner and label, so those of one label do not overlap.
    package struct Aggregate: Codable, Sendable, Equatable {
        /// `owner` or `label`.
        package var kind: String
        /// `shop/Deployment/web`, `team/payments`.
        package var name: String
        /// Number of pods, including ended ones that are still shown.
        package var pods: Int
        package var cpuSeconds: Double
        package var cpuUsage: Double
        /// Cumulative; nil where the accounting does not know (tier `procfs`).
        package var contextSwitches: UInt64?
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        package var zones: NamedValues<ZoneEnergy>
        /// As in ``Workload/since``.
        package var since: Double?
        /// The same name in parts: `k8s.namespace.name`, `k8s.owner.kind`, `k8s.owner.name`; or `energyd.label.name`,
        /// `energyd.label.value`.
        package var labels: [String: String]

        package init(
            kind: String, name: String, pods: Int, cpuSeconds: Double, cpuUsage: Double, contextSwitches: UInt64?,
            powerWatts: Double?, emissionsGrams: Double?, zones: NamedValues<ZoneEnergy>, labels: [String: String]
        ) {
            self.kind = kind
            self.name = name
            self.pods = pods
            self.cpuSeconds = cpuSeconds
            self.cpuUsage = cpuUsage
            self.contextSwitches = contextSwitches
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
            self.labels = labels
        }
    }
}

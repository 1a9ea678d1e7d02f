/// What the dynamic energy of a zone is divided by.
package enum AttributionBasis: Sendable, Equatable {
    /// What the workloads did on the CPUs, see ``PowerFeatures``: packages and memory.
    case cpuFeatures
    /// The share of a device that each workload used, as the device reports it; see ``UsageWindow/deviceShares``.
    case deviceShares
    /// It is unknown which workloads caused it: it stays unattributed.
    case none

    /// What holds for a component unless it is configured otherwise.
    package static func usual(for component: ZoneID.Component) -> AttributionBasis {
        switch component {
        case .package, .dram: .cpuFeatures
        case .platform, .psys, .battery: .none
        }
    }
}

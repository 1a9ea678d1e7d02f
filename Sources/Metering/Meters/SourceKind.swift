internal import Attribution
package import Linux
package import Units

/// The kinds of meter, by the names that `--power.sources` takes; in the usual order of preference, which puts those
/// that count before those that are polled, and those of one part before those of the whole. Whichever of two meters
/// of the whole node is the wider one is decided by what they measure, not by this.
package enum SourceKind: String, CaseIterable, Sendable {
    case rapl
    case perf
    case mmio = "rapl-mmio"
    case host
    case hwmon
    case redfish
    case ipmi
    case battery
    /// Not a meter: the estimate from the CPU family.
    case model
}

/// What meters need to be told.
package struct MeterSettings: Sendable {
    package var paths: HostPaths
    /// A powercap tree that the host of this virtual machine shares.
    package var hostTree: String?
    /// Filled by whoever polls the BMC over the network, which this module cannot; nil where nobody does.
    package var redfish: (mailbox: PowerMailbox, interval: Seconds)?

    package init(paths: HostPaths) {
        self.paths = paths
    }
}

/// Opens a meter, or says why not. Never waits for one that is slow. ``SourceKind/model`` is none.
package func openMeter(_ kind: SourceKind, _ settings: MeterSettings) throws(Diagnosis) -> any PowerSource {
    switch kind {
    case .rapl: return try RAPLSource(paths: settings.paths)
    case .mmio: return try RAPLSource(paths: settings.paths, interface: .mmio)
    case .perf: return try PerfSource(paths: settings.paths)
    case .hwmon: return try HwmonSource(paths: settings.paths)
    case .ipmi: return try PolledSource.ipmi(paths: settings.paths)
    case .battery: return try PolledSource.battery(paths: settings.paths)
    case .host:
        guard let tree = settings.hostTree else {
            throw Diagnosis(.notConfigured, "no powercap tree of a host is named", remedy: "--power.host DIR")
        }
        return try RAPLSource(hostTree: tree)
    case .redfish:
        guard let redfish = settings.redfish else {
            throw Diagnosis(.notConfigured, "no Redfish service is named", remedy: "--power.redfish.url URL")
        }
        let zone = Zone(
            .platform, source: "redfish", quality: .measured, method: .sampled)
        return PolledSource(
            name: "redfish", zones: [zone], interval: redfish.interval, mailbox: redfish.mailbox)
    case .model: throw Diagnosis(.missing, "the model is no meter")
    }
}

internal import Attribution
package import Linux
package import Units

/// The kinds of power source, by the names that `--power.sources` takes, in the default order of preference: counters
/// before meters that are polled, those of one part before those of the whole. Which of two meters of the whole node is
/// the wider one follows from what they measure, not from this order.
package enum SourceKind: String, CaseIterable, Sendable {
    case rapl
    case perf
    case mmio = "rapl-mmio"
    case host
    case hwmon
    case redfish
    case ipmi
    case battery
    /// Not a meter: the estimate from published figures.
    case estimate
}

/// How meters are reached.
package struct MeterSettings: Sendable {
    package var paths: HostPaths
    /// How slow meters are read.
    package var polling: any Polling = ThreadPolling()
    /// A powercap tree that the host of this virtual machine shares.
    package var hostTree: String?
    /// The program that reads it in a process of its own; nil to read it in this one, which the share can then stop.
    package var shareReader: String?
    /// The mailbox that the Redfish poller of MeteringHTTP fills; nil where there is none.
    package var redfish: (mailbox: PowerMailbox, interval: Seconds)?

    package init(paths: HostPaths) {
        self.paths = paths
    }
}

/// Opens a meter; throws the reason where that is not possible. Never waits for a slow one. ``SourceKind/estimate`` is not one.
package func openMeter(_ kind: SourceKind, _ settings: MeterSettings) throws(Diagnosis) -> any PowerSource {
    switch kind {
    case .rapl: return try RAPLSource(paths: settings.paths)
    case .mmio: return try RAPLSource(paths: settings.paths, interface: .mmio)
    case .perf: return try PerfSource(paths: settings.paths)
    case .hwmon: return try HwmonSource(paths: settings.paths, polling: settings.polling)
    case .ipmi: return try PolledSource.ipmi(paths: settings.paths, polling: settings.polling)
    case .battery: return try PolledSource.battery(paths: settings.paths, polling: settings.polling)
    case .host:
        guard let tree = settings.hostTree else {
            throw Diagnosis(.notConfigured, "no powercap tree of a host is configured", remedy: "set --power.host DIR")
        }
        guard let program = settings.shareReader else { return try RAPLSource(hostTree: tree) }
        return try ShareSource(place: tree) { () throws(Diagnosis) in
            try ProcessChannel(program: program, share: tree)
        }
    case .redfish:
        guard let redfish = settings.redfish else {
            throw Diagnosis(.notConfigured, "no Redfish service is configured", remedy: "set --power.redfish.url URL")
        }
        let zone = Zone(
            .platform, source: "redfish", quality: .measured, method: .sampled)
        return PolledSource(
            name: "redfish", zones: [zone], interval: redfish.interval, mailbox: redfish.mailbox)
    case .estimate: throw Diagnosis(.missing, "the estimate is not a meter")
    }
}

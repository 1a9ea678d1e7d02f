package import Attribution
package import Linux
package import Logging
package import Units

/// The node's meters: reads all of them, selects one source for each part of the node, and keeps the energy of the
/// resulting zones since the start.
///
/// Called once per tick: ``sample(at:)`` just before and just after the CPU counters are read, then
/// ``collect(_:at:)``. Never waits for a slow meter. Time comes from the caller.
package struct MeterSet: Sendable {
    /// In order of preference.
    package private(set) var meters: [Meter]
    package private(set) var fallback: PowerFallback
    /// By zone index, which is given out in order of appearance and never changes.
    package private(set) var zones: [MeteredZone] = []
    /// The meter of the whole node that was used in the last window; nil where there is none.
    package private(set) var nodeMeter: Zone?
    /// The source of each component, as last logged.
    package private(set) var sourceOf: [Zone.Component: String] = [:]
    /// Time of the last window's end.
    private(set) var time = Seconds(0)
    private(set) var crossCheck = CrossCheck()
    /// Sources that figures of the last window come from.
    private(set) var sourcesInUse: Set<String> = []
    private var selector: ZoneSelector
    private var remainder = PlatformRemainder()
    private var indices: [ZoneID: Int] = [:]
    private var loggedRemarks: Set<String> = []
    private let logger: Logger

    /// - Parameters:
    ///   - meters: in order of preference; they are opened here.
    ///   - hasSocket: whether the machine has a processor socket of this number.
    package init(
        meters: [Meter], fallback: PowerFallback, logger: Logger,
        hasSocket: @escaping @Sendable (UInt32) -> Bool = { _ in false }
    ) {
        self.meters = meters
        self.fallback = fallback
        self.logger = logger
        selector = ZoneSelector(hasSocket: hasSocket)
        open()
    }

    /// Opens the meters of the machine below `paths`.
    package init(
        _ configuration: PowerConfiguration, paths: HostPaths, fallback: PowerFallback,
        polling: any Polling = ThreadPolling(), logger: Logger
    ) {
        self.init(
            meters: Self.meters(configuration, paths: paths, polling: polling), fallback: fallback, logger: logger
        ) { physicalPackages(sysfs: paths.sysfs).contains(UInt64($0)) }
    }

    /// The meters of the machine below `paths`, to be opened by ``init(meters:fallback:logger:hasSocket:)``.
    package static func meters(
        _ configuration: PowerConfiguration, paths: HostPaths, polling: any Polling = ThreadPolling()
    ) -> [Meter] {
        var settings = MeterSettings(paths: paths)
        settings.polling = polling
        settings.hostTree = configuration.hostTree
        settings.shareReader = configuration.shareReader
        settings.redfish = configuration.redfish.map { ($0.mailbox, Seconds($0.interval)) }
        return configuration.sources.filter { $0 != .estimate }.map { [settings] kind in
            Meter(kind: kind, isRequested: configuration.asksFor(kind)) { () throws(Diagnosis) in
                try openMeter(kind, settings)
            }
        }
    }

    private mutating func open() {
        for index in meters.indices {
            _ = meters[index].openIfDue(at: time)
            logRemarks(of: index)
            if meters[index].isRequested, let diagnosis = meters[index].diagnosis {
                logger.warning(
                    "a configured power source is missing",
                    metadata: ["source": "\(meters[index].name)", "reason": "\(diagnosis)"])
            }
        }
        if let modelRefusal = fallback.modelRefusal { logger.warning("\(modelRefusal)") }
        guard !meters.contains(where: { $0.source != nil && $0.isSelectable }) else { return }
        logger.warning(
            "\(fallback.source == nil ? "power is unknown" : fallback.summary)", metadata: ["reason": "\(missing)"])
    }

    /// Looks at every meter; see ``PowerSource/sample(at:)``.
    package mutating func sample(at now: Seconds) {
        for index in meters.indices { meters[index].sample(at: now) }
    }

    /// The energy of each zone in the window that ends at `now`, by zone index. Zones do not overlap; a zone that could
    /// not be read is missing.
    package mutating func collect(_ usage: NodeUsage, at now: Seconds) -> [(index: Int, reading: ZoneReading)] {
        time = now
        for index in meters.indices { collect(meter: index, usage, at: now) }
        for index in zones.indices { zones[index].beginWindow() }
        return select(usage, at: now).map { reading in
            let index = index(of: reading.zone)
            zones[index].add(reading, over: usage.duration)
            return (index, reading)
        }
    }

    private mutating func collect(meter index: Int, _ usage: NodeUsage, at now: Seconds) {
        if meters[index].openIfDue(at: now) {
            logger.notice("a power source has appeared", metadata: ["source": "\(meters[index].name)"])
            meters[index].sample(at: now)
        }
        meters[index].collect(usage, at: now)
        logRemarks(of: index)
        guard let transition = meters[index].transition() else { return }
        let isLost = transition == .lost
        let reason = isLost ? meters[index].source?.health.lastError ?? "it has no reading" : "it has readings again"
        logger.log(
            level: isLost ? .warning : .notice, isLost ? "a power source has failed" : "a power source has recovered",
            metadata: ["source": "\(meters[index].name)", "reason": "\(reason)"])
    }

    /// Logs, once, what is peculiar about a meter.
    private mutating func logRemarks(of index: Int) {
        for remark in meters[index].source?.health.remarks ?? [] where loggedRemarks.count < 1000 {
            guard loggedRemarks.insert(remark).inserted else { continue }
            logger.info("\(remark)", metadata: ["source": "\(meters[index].name)"])
        }
    }

    /// The window's readings that do not overlap.
    private mutating func select(_ usage: NodeUsage, at now: Seconds) -> [ZoneReading] {
        let estimate = fallback.source?.collect(usage, at: now) ?? []
        crossCheck.observe(
            meters.map { CrossCheck.Source(name: $0.name, interval: $0.interval, readings: $0.readings) },
            window: usage.duration)
        let candidates = meters.enumerated().filter { $1.isSelectable }.map { index, meter in
            ZoneCandidate(
                source: index, zones: meter.zones.map(\.id),
                readings: meter.readings.filter { !crossCheck.isFrozen($0.zone.id, of: meter.name) })
        }
        var selection = selector.select(
            candidates, estimate: estimate,
            expectsMeter: meters.contains(where: \.isExpected), window: usage.duration, at: now)
        for (source, zone, energy) in selection.lost { meters[source].lose(energy, of: zone, at: now) }
        crossCheck.observe(
            node: selection.node, parts: selection.parts,
            battery: meters.first { $0.kind == .battery }?.readings.first, window: usage.duration)
        nodeMeter = selection.node?.zone
        if let node = selection.node {
            if selection.isEstimate { selection.parts = fit(selection.parts, into: node) }
            selection.parts.append(remainder.take(node: node, parts: selection.parts, window: usage.duration))
        } else {
            remainder.miss(parts: selection.parts)
        }
        logSources(of: selection.parts)
        return selection.parts
    }

    /// Logs, once, that a part of the node is measured by another source than before.
    private mutating func logSources(of readings: [ZoneReading]) {
        sourcesInUse = Set(readings.map(\.zone.source))
        for component in Zone.Component.allCases {
            guard let zone = readings.first(where: { $0.zone.component == component })?.zone else { continue }
            let before = sourceOf.updateValue(zone.source, forKey: component)
            if before == nil, zone.source != fallback.source?.name {
                logger.info(
                    "power is \(zone.quality.rawValue)",
                    metadata: ["of": "\(component.rawValue)", "source": "\(zone.source)"])
            }
            guard let before, before != zone.source else { continue }
            logger.log(
                level: rank(zone.source) > rank(before) ? .warning : .notice, "power comes from another source now",
                metadata: ["of": "\(component.rawValue)", "source": "\(zone.source)", "before": "\(before)"])
        }
    }

    private func rank(_ source: String) -> Int { meters.firstIndex { $0.name == source } ?? meters.count }

    private mutating func index(of zone: Zone) -> Int {
        if let index = indices[zone.id] { return index }
        indices[zone.id] = zones.count
        zones.append(MeteredZone(zone: zone))
        return zones.count - 1
    }

    /// Takes up the totals of an earlier run, before the first window. Zones keep the order of `totals`.
    package mutating func restore(_ totals: [(zone: Zone, energy: Microjoules)]) {
        for (zone, total) in totals { zones[index(of: zone)].energy = total }
    }
}

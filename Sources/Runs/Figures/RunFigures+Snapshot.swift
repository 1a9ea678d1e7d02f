package import Snapshot
internal import Terminal

extension RunFigures {
    /// The growth of a cgroup's figures from one snapshot to another. Throws where it has none of its own.
    ///
    /// - Parameters:
    ///   - id: as the snapshot has it, and `name` the last part of its path: another machine may have the same number.
    ///   - before: nil for a cgroup that was made for the run.
    ///   - processStart: when the agent's process began that answered before the run, Unix time, s; nil where that was
    ///     not asked.
    ///   - wallSeconds: how long the command ran.
    package init(
        of id: UInt64, name: String, from before: Snapshot? = nil, to after: Snapshot, processStart: Double? = nil,
        wallSeconds: Double
    ) throws(MissingRun) {
        if let processStart, after.agent.processStartUnixTime != processStart { throw .restarted }
        func find(_ snapshot: Snapshot) -> Snapshot.Workload? {
            snapshot.workloads.first { $0.cgroupId == id && $0.cgroupPath.utf8.hasSuffix("/\(name)") }
        }
        guard let end = find(after) else {
            let isFolded = after.agent.cgroupsFolded ?? 0 > 0
            throw isFolded ? .hidden(in: "(other)") : .unknown
        }
        let start = before.flatMap(find)
        func growth(_ zone: String, _ part: KeyPath<Snapshot.ZoneEnergy, UInt64>) -> UInt64 {
            let now = end.zones[zone]?[keyPath: part] ?? 0
            return now - min(start?.zones[zone]?[keyPath: part] ?? 0, now)
        }
        // What a meter does not show now is missing from the end of the run.
        let known = after.node.powerWatts == nil || end.zones.isEmpty ? [] : after.node.zones.filter(\.isUp)
        self.init(
            zones: NamedValues(
                names: known.map(\.name),
                values: known.map { zone in
                    Zone(
                        source: zone.source, quality: zone.dynamicQuality ?? zone.quality, meterQuality: zone.quality,
                        dynamicMicrojoules: growth(zone.name, \.dynamicMicrojoules),
                        staticMicrojoules: growth(zone.name, \.staticMicrojoules),
                        idleMicrojoules: zone.staticQuality == nil
                            ? nil : UInt64(nearest: zone.staticWatts * wallSeconds * 1e6))
                }),
            wallSeconds: wallSeconds, cpuSeconds: max(0, end.cpuSeconds - (start?.cpuSeconds ?? 0)))
        emissionsGrams = known.isEmpty ? nil : end.emissionsGrams.map { max(0, $0 - (start?.emissionsGrams ?? 0)) }
    }
}

extension Snapshot {
    /// The Unix time at which its window began and ended, s, as well as it is known.
    package var window: ClosedRange<Double> {
        let end = unixTime - agent.tickSeconds
        return (end - max(0, windowSeconds))...end
    }

    /// Whether everything until a moment is in it for certain. When the kernel's counters were read is not said: it was
    /// after the beginning of the tick, and the snapshot was put together in about as long as the tick took. Its clock has
    /// milliseconds.
    package func covers(unixTime moment: Double) -> Bool { unixTime - 2 * agent.tickSeconds >= moment + 0.002 }
}

extension String.UTF8View {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

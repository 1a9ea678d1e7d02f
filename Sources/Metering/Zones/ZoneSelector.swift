internal import Attribution
internal import Units

/// Selects one source for every part of the node, so that no energy is counted twice.
///
/// Packages and memory come from the most preferred source that has them. A zone that this source cannot read is taken
/// from another source that has the same zone, and a socket that it does not have comes from another one too.
/// Where no meter has packages, the estimate is used. The node's meter is the widest: `platform` (at the inlet) before
/// `psys`.
struct ZoneSelector: Sendable {
    /// Whether the machine has a socket of this number.
    private let hasSocket: @Sendable (UInt32) -> Bool
    /// Its answers.
    private var knownSockets: [UInt32: Bool] = [:]
    /// When a zone was last read, by source.
    private var lastRead: [Int: [ZoneID: Double]] = [:]
    /// For how long a zone's energy was not accounted for by any source since it was last read, s.
    private var unaccounted: [ZoneID: Double] = [:]
    /// What other sources gave for a zone since a source read it last, uJ, by that source.
    private var given: [Int: [ZoneID: Double]] = [:]
    /// When a package was last metered, or expected to be for the first time.
    private var lastMetered: Double?

    /// How long to wait for a meter that stopped reporting before its place is taken by the estimate, s: what it
    /// counts meanwhile arrives later, as measured energy.
    private static let grace = 10.0
    /// Two counters of the same energy differ by this much, read at two moments.
    private static let tolerance = 0.05
    private static let nodeMeters = [ZoneID.platform, .psys]

    init(hasSocket: @escaping @Sendable (UInt32) -> Bool) {
        self.hasSocket = hasSocket
    }

    /// - Parameters:
    ///   - candidates: in order of preference.
    ///   - estimate: the window as computed without a meter; empty where there is no estimate.
    ///   - expectsMeter: a source with packages is open.
    mutating func select(
        _ candidates: [ZoneCandidate], estimate: [ZoneReading], expectsMeter: Bool, window: Seconds, at now: Seconds
    ) -> ZoneSelection {
        var result = ZoneSelection()
        let isMetered = candidates.contains { $0.readings.contains { $0.zone.component == .package } }
        if isMetered || lastMetered == nil && expectsMeter { lastMetered = now.value }
        let patience = max(Self.grace, 2 * window.value)
        let isWaiting = expectsMeter && now.value - (lastMetered ?? -.infinity) < patience
        for component in [Zone.Component.package, .dram] {
            for (reading, source) in parts(component, candidates) {
                let kept = dropAccounted(reading, of: source, window: window, at: now)
                result.parts.append(kept)
                let dropped = Double((reading.gapEnergy - kept.gapEnergy).count)
                let lost = dropped - (given[source]?[reading.zone.id] ?? 0)
                if lost > dropped * Self.tolerance {
                    result.lost.append((source, reading.zone.id, Microjoules(UInt64(lost))))
                }
            }
        }
        let ids = Set(result.parts.map(\.zone.id))
        if !isMetered, !isWaiting {
            let metered = Set(result.parts.map(\.zone.component))
            result.parts += estimate.filter { !metered.contains($0.zone.component) }
            result.isEstimate = metered.isEmpty
        }
        // Energy that was estimated must not be counted again when the meter is back; energy of a time without any source
        // must be, also where there is no estimate, or none of this part.
        let covered = result.parts.map(\.zone.id)
        for id in unaccounted.keys where !id.overlaps(any: covered) {
            unaccounted[id, default: 0] += window.value
        }
        for id in ids { unaccounted[id] = 0 }
        for candidate in candidates {
            noteOthers(candidate, result.parts)
            for reading in candidate.readings {
                lastRead[candidate.source, default: [:]][reading.zone.id] = now.value
            }
        }
        result.node = Self.nodeMeters.lazy.compactMap { Self.first($0, in: candidates) }.first
        return result
    }

    private static func first(_ id: ZoneID, in candidates: [ZoneCandidate]) -> ZoneReading? {
        candidates.lazy.compactMap { candidate in
            candidate.readings.first { $0.zone.id == id }
        }.first
    }

    /// Readings of a component that do not overlap, each with its source.
    private mutating func parts(
        _ component: Zone.Component, _ candidates: [ZoneCandidate]
    ) -> [(ZoneReading, source: Int)] {
        var chosen: [(ZoneReading, source: Int)] = []
        var taken: [ZoneID] = []
        // Of the sources with a higher rank, readable or not.
        var known: [ZoneID] = []
        for candidate in candidates {
            let readings = candidate.readings.filter { $0.zone.component == component }
            guard !readings.isEmpty else { continue }
            for reading in readings {
                let id = reading.zone.id
                guard !id.overlaps(any: taken) else { continue }
                // A source of lower rank fills in zones that the others cannot read, and sockets that they do not
                // have. It does not add to a socket that they have: they may know its zone to be a duplicate.
                guard
                    known.isEmpty || known.contains(id) || !id.wholeSocket.overlaps(any: known) && exists(id.socket)
                else { continue }
                chosen.append((reading, candidate.source))
                taken.append(id)
            }
            known += candidate.zones
        }
        return chosen
    }

    /// True for a socket that the machine has: sources may number their zones in ways of their own.
    private mutating func exists(_ socket: UInt32?) -> Bool {
        guard let socket else { return false }
        if let known = knownSockets[socket] { return known }
        let result = hasSocket(socket)
        knownSockets[socket] = result
        return result
    }

    /// Adds up what the window has for zones that `candidate` has read before and not now.
    private mutating func noteOthers(_ candidate: ZoneCandidate, _ parts: [ZoneReading]) {
        let present = Set(candidate.readings.map(\.zone.id))
        for id in present { given[candidate.source]?[id] = nil }
        let absent = (lastRead[candidate.source] ?? [:]).keys.filter { !present.contains($0) }
        for part in parts {
            let zones = absent.filter { $0.overlaps(part.zone.id) }
            for zone in zones {
                given[candidate.source, default: [:]][zone, default: 0] +=
                    Double(part.total.count) / Double(zones.count)
            }
        }
    }

    /// Takes from a reading's gap energy the part that another source accounted for meanwhile.
    private func dropAccounted(
        _ reading: ZoneReading, of source: Int, window: Seconds, at now: Seconds
    ) -> ZoneReading {
        let id = reading.zone.id
        guard reading.gapEnergy > .zero, let since = lastRead[source]?[id], let unaccounted = unaccounted[id]
        else { return reading }
        let gap = now.value - window.value - since
        let share = gap > 0 ? min(unaccounted / gap, 1) : 1
        var reading = reading
        reading.gapEnergy = min(reading.gapEnergy, Microjoules(UInt64(Double(reading.gapEnergy.count) * share)))
        return reading
    }
}

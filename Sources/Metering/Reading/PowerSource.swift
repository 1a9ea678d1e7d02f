package import Attribution
package import Units

/// What the node did in a window, for sources that compute power instead of reading it.
package struct NodeUsage: Sendable {
    package var duration: Seconds
    /// CPU time used, by everything.
    package var busy: Seconds
    /// CPUs online.
    package var cpuCount: Int

    package init(duration: Seconds, busy: Seconds, cpuCount: Int) {
        self.duration = duration
        self.busy = busy
        self.cpuCount = cpuCount
    }

    /// Share of the CPU time that was used, 0...1.
    package var utilization: Double {
        let available = duration.value * Double(cpuCount)
        return available > 0 ? min(max(busy.value / available, 0), 1) : 0
    }
}

/// How a source is doing, for the metrics and the snapshot.
package struct SourceHealth: Sendable, Equatable {
    package var errors: UInt64 = 0
    /// Readings that worked.
    package var reads: UInt64 = 0
    /// When the last of them was taken; nil before the first.
    package var lastRead: Seconds?
    /// In words, with the path and the remedy; kept after the source recovers.
    package var lastError: String?
    /// What happened that is no error but changes figures: `wrap`, `reset`, `gap`, `implausible`, `backwards`, `still`.
    package var events: [String: UInt64] = [:]
    /// Energy that was not counted, by the zone of a counter.
    package var uncounted: [ZoneID: UncountedEnergy] = [:]
    /// What is peculiar about this machine's meter and how it is dealt with, in words.
    package var remarks: [String] = []

    package init() {}

    /// Takes in what another part of the same source noted.
    mutating func merge(_ other: SourceHealth) {
        errors += other.errors
        reads += other.reads
        lastRead = [lastRead, other.lastRead].compactMap(\.self).max()
        lastError = lastError ?? other.lastError
        events.merge(other.events, uniquingKeysWith: +)
    }

    mutating func count(_ event: String) {
        events[event, default: 0] += 1
    }

    mutating func fail(_ reason: String) {
        errors += 1
        lastError = reason
    }

    /// Adds energy that was not counted; zero makes the zone known.
    mutating func lose(_ zone: ZoneID, refused: Microjoules, lost: Microjoules, at now: Seconds) {
        uncounted[zone, default: UncountedEnergy()].add(refused: refused, lost: lost, at: now)
    }

    mutating func succeed(at now: Seconds) {
        reads += 1
        lastRead = now
    }
}

/// A power source. One file each.
///
/// A meter that counts (RAPL) is read in ``sample(at:)``; one that shows power (a BMC) integrates it; a model computes
/// it in ``collect(_:at:)``. Faults are never thrown: a zone that cannot be read is missing from the result, and
/// ``health`` has the reason.
///
/// A zone of the component `platform` is a meter of the whole node: `platform` where it is at the inlet, `psys` where
/// it is the processor's own. It contains the zones of the other components, of every source.
package protocol PowerSource: Sendable {
    /// `rapl`, `estimate`: the value of the attribute `source`.
    var name: String { get }
    var health: SourceHealth { get }
    /// The zones that it has, whether or not they can be read at present.
    var zones: [Zone] { get }
    /// Zones whose counter does not advance, and what was seen: not readable, and not expected to become so soon.
    var stillZones: [ZoneID: String] { get }
    /// Time between two readings of the meter; zero where it is read with every tick.
    var interval: Seconds { get }

    /// Reads the meters. Called just before and just after the CPU counters are read, so that energy and CPU time
    /// describe the same window.
    ///
    /// - Parameter now: on a clock that never steps.
    mutating func sample(at now: Seconds)

    /// The energy of each zone since the previous call. The first call sets the base and returns nothing measured.
    mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading]
}

extension PowerSource {
    package var interval: Seconds { Seconds(0) }
    package var zones: [Zone] { [] }
    package var stillZones: [ZoneID: String] { [:] }
}

package import Attribution
internal import Synchronization
package import Units

/// Readings of a slow meter, passed from its poller to the tick, which never waits.
package final class PowerMailbox: Sendable {
    struct Content {
        /// Power by zone: the mean of what was posted since it was last taken.
        var power: [ZoneID: Watts] { sums.mapValues { Watts($0.watts / Double($0.count)) } }
        /// Grows with every post.
        var posts: UInt64 = 0
        var failures: UInt64 = 0
        var lastFailure: String?
        /// Values outside of what a machine can draw.
        var implausible: [Double] = []
        /// What is peculiar about the meter, in words.
        var remarks: [String] = []
        fileprivate var sums: [ZoneID: (watts: Double, count: Int)] = [:]
    }

    private let content = Mutex(Content())

    /// No node draws more, W.
    private static let highestPower = 20_000.0

    package init() {}

    /// True for what a part of a machine may show, W: a rail may feed back.
    static func isPossible(_ power: Double) -> Bool { power.isFinite && abs(power) <= highestPower }

    /// True for what a machine may draw, W. One that runs draws something: a meter that shows zero has no reading.
    static func isPlausible(_ power: Double) -> Bool { isPossible(power) && power > 0 }

    /// A reading that was just taken: power by zone.
    package func post(_ power: [ZoneID: Watts]) {
        content.withLock { content in
            content.posts &+= 1
            for (zone, power) in power {
                if Self.isPlausible(power.value) {
                    let before = content.sums[zone] ?? (0, 0)
                    content.sums[zone] = (before.watts + power.value, before.count + 1)
                } else if content.implausible.count < 100 {
                    content.implausible.append(power.value)
                }
            }
        }
    }

    /// A reading that failed.
    package func fail(_ diagnosis: Diagnosis) {
        content.withLock {
            $0.failures &+= 1
            $0.lastFailure = diagnosis.description
        }
    }

    /// What is peculiar about the meter: what of it was skipped, and why. Replaces what was said before.
    package func remark(_ remarks: [String]) {
        content.withLock { $0.remarks = remarks }
    }

    /// What came since the last call.
    func take() -> Content {
        content.withLock { content in
            defer {
                content.sums.removeAll(keepingCapacity: true)
                content.implausible.removeAll(keepingCapacity: true)
            }
            return content
        }
    }
}

/// A meter that shows power and is polled apart from the tick: a BMC, a sensor chip.
///
/// Its power is taken to hold until the next reading, so that every window has its energy; what happened between two
/// readings is reported that much later, and nothing else shows it. A reading that is older than three intervals is no
/// longer used.
package struct PolledSource: PowerSource {
    package let name: String
    package private(set) var health = SourceHealth()
    package let interval: Seconds

    package let zones: [Zone]
    private let mailbox: PowerMailbox
    /// Fills the mailbox for as long as the source is there.
    private let poller: (any AnyObject & Sendable)?
    private var seen: (posts: UInt64, failures: UInt64) = (0, 0)
    private var integrators: [PowerIntegrator]

    package init(
        name: String, zones: [Zone], interval: Seconds, mailbox: PowerMailbox, poller: (any AnyObject & Sendable)? = nil
    ) {
        self.name = name
        self.zones = zones
        self.interval = interval
        self.mailbox = mailbox
        self.poller = poller
        integrators = zones.map { _ in PowerIntegrator() }
    }

    package mutating func sample(at now: Seconds) {
        let content = mailbox.take()
        health.remarks = content.remarks
        if content.failures != seen.failures {
            health.errors += content.failures &- seen.failures
            health.lastError = content.lastFailure
            seen.failures = content.failures
        }
        for value in content.implausible {
            health.count("implausible")
            health.fail("\(name): implausible power \(value) W, not counted")
        }
        guard content.posts != seen.posts else { return }
        seen.posts = content.posts
        for (index, zone) in zones.enumerated() {
            guard let power = content.power[zone.id] else { continue }
            integrators[index].take(power, at: now)
            health.succeed(at: now)
        }
    }

    package mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        let patience = Seconds(max(3 * interval.value, 5))
        return zones.indices.compactMap { index in
            integrators[index].advance(to: now, patience: patience).map {
                ZoneReading(zone: zones[index], energy: $0)
            }
        }
    }
}

/// Adds power readings up to energy: each holds until the next.
struct PowerIntegrator: Sendable {
    private var power: (value: Watts, time: Seconds)?
    private var end: Seconds?
    /// What was less than a microjoule, uJ.
    private var rest = 0.0

    mutating func take(_ power: Watts, at now: Seconds) {
        self.power = (power, now)
    }

    /// The energy since the last call; nil without a power that is young enough, or without a base.
    mutating func advance(to now: Seconds, patience: Seconds) -> Microjoules? {
        guard let power, now.value - power.time.value <= patience.value else {
            end = nil
            return nil
        }
        defer { end = now }
        guard let end, now > end else { return nil }
        let energy = power.value.value * (now.value - end.value) * 1e6 + rest
        guard energy >= 0, energy < 1e18 else { return nil }
        rest = energy - energy.rounded(.down)
        return Microjoules(UInt64(energy))
    }
}

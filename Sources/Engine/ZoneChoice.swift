internal import Attribution
internal import Metering
internal import Units

/// Chooses for every part of the node the one meter that is believed, so that nothing is counted twice.
///
/// Packages and memory come from the most preferred source that has them; a zone that it cannot read is lent by
/// another source that has a zone of the same name, and a socket that it has nothing of comes from another one too.
/// Where no meter has packages, the estimate steps in. The widest meter is the node: `platform` (at the inlet) before
/// `psys`.
struct ZoneChoice {
    /// One source's readings of the window, in order of preference.
    struct Offer {
        let source: Int
        /// Names of the zones that it has, whether or not they can be read.
        var zones: [String]
        var readings: [ZoneReading]
    }

    struct Result {
        /// Packages and memory: they do not overlap.
        var parts: [ZoneReading] = []
        /// The whole node, where there is a meter of it.
        var node: ZoneReading?
        /// True where the parts are computed and not metered.
        var isEstimate = false
    }

    /// Whether the machine has a socket of this number.
    private let hasSocket: (UInt64) -> Bool
    /// What that said, by zone name.
    private var isReal: [String: Bool] = [:]
    private var lastRead: [Int: [String: Double]] = [:]
    /// Since a zone was last read, the time in which nobody accounted for its energy, s.
    private var missed: [String: Double] = [:]
    private var lastMetered: Double?

    /// How long to wait for a meter that fell silent before estimating in its place, s: what it counted meanwhile
    /// comes late, but as measured.
    private static let grace = 10.0
    private static let wideNames = ["platform", "psys"]

    init(hasSocket: @escaping (UInt64) -> Bool) {
        self.hasSocket = hasSocket
    }

    /// - Parameters:
    ///   - expectsMeter: a source with packages is open.
    ///   - estimate: the window as the model has it.
    mutating func choose(
        _ offers: [Offer], estimate: [ZoneReading], expectsMeter: Bool, window: Seconds, at now: Seconds
    ) -> Result {
        var result = Result()
        let isMetered = offers.contains { $0.readings.contains { $0.zone.component == .package } }
        if isMetered || lastMetered == nil && expectsMeter { lastMetered = now.value }
        let patience = max(Self.grace, 2 * window.value)
        let isWaiting = expectsMeter && now.value - (lastMetered ?? -.infinity) < patience
        for component in [Zone.Component.package, .dram] {
            result.parts += parts(component, offers).map { untangle($0, window: window, at: now) }
        }
        let names = Set(result.parts.map(\.zone.name))
        if !isMetered, !isWaiting {
            let metered = Set(result.parts.map(\.zone.component))
            result.parts += estimate.filter { !metered.contains($0.zone.component) }
            result.isEstimate = metered.isEmpty
        } else {
            // What is estimated is not to be counted again when the meter is back; what nobody saw is.
            let places = names.map(ZonePlace.init)
            for name in missed.keys where !ZonePlace(name).overlaps(any: places) {
                missed[name, default: 0] += window.value
            }
        }
        for name in names { missed[name] = 0 }
        for offer in offers {
            for reading in offer.readings { lastRead[offer.source, default: [:]][reading.zone.name] = now.value }
        }
        result.node =
            Self.wideNames.lazy.compactMap { name in
                offers.lazy.compactMap { $0.readings.first { $0.zone.component == .platform && $0.zone.name == name } }
                    .first
            }.first
        return result
    }

    private mutating func parts(_ component: Zone.Component, _ offers: [Offer]) -> [(ZoneReading, source: Int)] {
        var chosen: [(ZoneReading, source: Int)] = []
        var taken: [ZonePlace] = []
        // What the sources have that come before, readable or not.
        var names: Set<String> = []
        var places: [ZonePlace] = []
        for offer in offers {
            let readings = offer.readings.filter { $0.zone.component == component }
            guard !readings.isEmpty else { continue }
            for reading in readings {
                let (name, place) = (reading.zone.name, ZonePlace(reading.zone.name))
                guard !place.overlaps(any: taken) else { continue }
                // Others fill in what those before cannot read, and sockets that they have nothing of. More of a socket
                // that they do have may be what they know to be there twice.
                guard
                    names.isEmpty || names.contains(name) || !place.whole.overlaps(any: places) && isThere(place, name)
                else { continue }
                chosen.append((reading, offer.source))
                taken.append(place)
            }
            names.formUnion(offer.zones)
            places += offer.zones.map(ZonePlace.init)
        }
        return chosen
    }

    /// True for a socket that the machine has: sources may number what they measure in ways of their own.
    private mutating func isThere(_ place: ZonePlace, _ name: String) -> Bool {
        guard let socket = place.socket else { return false }
        if let known = isReal[name] { return known }
        let result = hasSocket(socket)
        isReal[name] = result
        return result
    }

    /// Takes from energy that comes late what was accounted for by another source meanwhile.
    private func untangle(
        _ choice: (ZoneReading, source: Int), window: Seconds, at now: Seconds
    ) -> ZoneReading {
        var (reading, source) = choice
        let name = reading.zone.name
        guard reading.late > .zero, let since = lastRead[source]?[name], let missed = missed[name] else {
            return reading
        }
        let gap = now.value - window.value - since
        let share = gap > 0 ? min(missed / gap, 1) : 1
        reading.late = min(reading.late, Microjoules(UInt64(Double(reading.late.count) * share)))
        return reading
    }
}

/// The part of the machine that a zone measures, by its name: `package-1`, `dram-0-die-1`.
struct ZonePlace: Equatable {
    let component: Substring
    /// nil for all of them, or where the name does not tell.
    let socket: UInt64?
    /// nil for the whole socket.
    let die: UInt64?

    private init(component: Substring, socket: UInt64?, die: UInt64?) {
        self.component = component
        self.socket = socket
        self.die = die
    }

    init(_ name: String) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        component = parts[0]
        socket = parts.count == 2 || parts.count == 4 && parts[2] == "die" ? UInt64(parts[1]) : nil
        die = parts.count == 4 ? UInt64(parts[3]) : nil
    }

    /// All of its socket.
    var whole: ZonePlace { ZonePlace(component: component, socket: socket, die: nil) }

    /// True where energy of the one may be energy of the other.
    func overlaps(_ other: ZonePlace) -> Bool {
        guard component == other.component else { return false }
        guard let socket, let theirs = other.socket else { return true }
        guard socket == theirs else { return false }
        guard let die, let their = other.die else { return true }
        return die == their
    }

    func overlaps(any others: [ZonePlace]) -> Bool { others.contains(where: overlaps) }
}

/// What the widest meter shows beyond the zones inside it.
///
/// The zone grows to the highest difference of the two totals that was seen: a slow meter that lags behind takes
/// nothing back, and its lag is not added up either.
struct PlatformRemainder {
    /// Energy of the wide meter less that of the parts, since the remainder grew last, uJ.
    private var balance = 0.0
    /// Energy of the parts while the wide meter could not be read, uJ: a counter tells of that time later on.
    private var meanwhile = 0.0

    /// How long the parts may run ahead of the wide meter before it is taken to have missed something, s.
    private static let longestLag = 30.0

    /// Notes a window without the wide meter.
    mutating func miss(parts: [ZoneReading]) {
        meanwhile += Self.energy(of: parts)
    }

    private static func energy(of parts: [ZoneReading]) -> Double {
        parts.reduce(0) { $0 + Double($1.energy.count) + Double($1.late.count) }
    }

    /// The remainder of one window.
    mutating func take(node: ZoneReading, parts: [ZoneReading], window: Seconds) -> ZoneReading {
        let inside = Self.energy(of: parts)
        balance += Double(node.energy.count) + Double(node.late.count) - inside
        balance -= min(meanwhile, Double(node.late.count))
        meanwhile = 0
        let rest = Microjoules(UInt64(min(max(balance, 0), 1e18)))
        balance -= Double(rest.count)
        // What is due to the window itself; the rest is of an earlier time.
        let current = parts.reduce(node.energy) { $0 - min($0, $1.energy) }
        if window.value > 0 { balance = max(balance, -inside * Self.longestLag / window.value) }
        let isMeasured = parts.allSatisfy { $0.zone.quality == .measured }
        return ZoneReading(
            zone: Zone(
                name: "platform", component: .platform, source: node.zone.source,
                quality: isMeasured ? .measured : .estimated, method: .remainder),
            energy: min(rest, current), late: rest - min(rest, current))
    }
}

/// Keeps an estimate within the node's meter: the parts cannot draw more than the whole.
func fit(_ estimates: [ZoneReading], into node: ZoneReading) -> [ZoneReading] {
    let sum = estimates.reduce(UInt64(0)) { $0 + $1.energy.count }
    guard sum > node.energy.count, sum > 0 else { return estimates }
    return estimates.map { estimate in
        var fitted = estimate
        fitted.energy = Microjoules(scale(estimate.energy.count, by: node.energy.count, over: sum))
        let share = Double(node.energy.count) / Double(sum)
        fitted.staticPower = estimate.staticPower.map { $0 * share }
        fitted.band = estimate.band.map { $0.lowerBound * share...$0.upperBound * share }
        return fitted
    }
}

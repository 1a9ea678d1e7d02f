internal import Attribution
internal import Metering
internal import Snapshot
internal import Units

/// Compares meters that ought to say the same, for long enough that it cannot be chance.
///
/// Two sources that measure one zone must agree; the node's meter must not show less than its parts; a battery that is
/// being emptied must agree roughly with the node's meter. Of two counters, one that stands still while the other
/// counts is not used.
struct CrossCheck {
    /// What one source says of the window, in order of preference.
    struct Meter {
        let name: String
        /// Time between two readings of it; zero where it is read with every tick.
        let interval: Seconds
        let readings: [ZoneReading]
    }

    private struct Pair: Hashable {
        let zone: String
        let source: String
        let other: String
    }

    /// Energy of the windows that both of a pair measured, since the last verdict.
    private struct Sums {
        var source = 0.0
        var other = 0.0
        var seconds = 0.0
        var windows = 0

        /// Energy by the other per energy by the source.
        var ratio: Double { source > 0 ? min(other / source, 1000) : 1000 }
    }

    private struct Comparison {
        var sums = Sums()
        /// Of the last verdict; nil before the first.
        var ratio: Double?
        /// One of them is read now and then, and shows powers or averages.
        var isSlow = false
        /// How much time a verdict takes, s.
        var period = CrossCheck.period
        /// When both said something last, on ``CrossCheck/clock``.
        var seen = 0.0
    }

    private var comparisons: [Pair: Comparison] = [:]
    /// Source and zone of counters that stand still.
    private(set) var stuck: Set<[String]> = []
    private var intervals: [String: Double] = [:]
    /// Length of all windows, s.
    private var clock = 0.0

    /// Counters are read some milliseconds apart, and windows are a second.
    static let tolerance = 0.05
    /// Two slow meters are calibrated apart, round to watts and average over times of their own.
    static let slowTolerance = 0.2
    /// A battery's gauge is coarse, and chargers and screens are slow to show.
    static let looseTolerance = 0.3
    private static let period = 10.0
    /// A slow meter tells of a change up to one reading, and its own average, later. Over 30 readings, and five minutes,
    /// a node that goes from rest to four times the power at the worst moment is still within the tolerance.
    private static let slowPeriod = (seconds: 300.0, readings: 30.0)
    /// Less energy than this says nothing, uJ.
    private static let least = 5e6
    /// The same before a verdict is due.
    private static let leastSoFar = 1e5
    /// Two meters of the whole node; `platform` is its meter and the parts.
    private static let inlet = "inlet"

    /// Takes in one window of every meter.
    mutating func observe(_ meters: [Meter], window: Seconds) {
        clock += window.value
        for (index, first) in meters.enumerated() {
            intervals[first.name] = first.interval.value
            for second in meters[(index + 1)...] {
                for reading in first.readings {
                    guard let twin = second.readings.first(where: { $0.zone.name == reading.zone.name }) else {
                        continue
                    }
                    let zone = reading.zone.name == "platform" ? Self.inlet : reading.zone.name
                    let areCounters = reading.zone.method == .counter && twin.zone.method == .counter
                    add(
                        Pair(zone: zone, source: first.name, other: second.name), reading.energy, twin.energy, window,
                        isSlow: !areCounters, findsStuck: areCounters)
                }
            }
        }
    }

    /// Compares the node's meter with the parts it contains, and with a battery, after the meters of the same window
    /// among themselves.
    mutating func observe(node: ZoneReading?, parts: [ZoneReading], battery: ZoneReading?, window: Seconds) {
        defer { forget(window) }
        let inside = parts.reduce(Microjoules.zero) { $0 + $1.energy }
        let areSlow = parts.contains { $0.zone.method != .counter }
        if let node, let source = parts.first?.zone.source, parts.allSatisfy({ $0.zone.quality == .measured }) {
            add(
                Pair(zone: "platform", source: node.zone.source, other: source), node.energy, inside, window,
                isSlow: areSlow || node.zone.method != .counter)
        }
        guard let battery else { return }
        if let node {
            add(
                Pair(zone: "battery", source: node.zone.source, other: "battery"), node.energy, battery.energy, window,
                isSlow: true)
        } else if let source = parts.first?.zone.source {
            add(
                Pair(zone: "parts", source: "battery", other: source), battery.energy, inside, window, isSlow: true)
        }
    }

    private mutating func add(
        _ pair: Pair, _ one: Microjoules, _ other: Microjoules, _ window: Seconds, isSlow: Bool,
        findsStuck: Bool = false
    ) {
        var comparison = comparisons[pair] ?? Comparison()
        defer { comparisons[pair] = comparison }
        comparison.seen = clock
        comparison.isSlow = isSlow
        if isSlow {
            let interval = max(intervals[pair.source] ?? 0, intervals[pair.other] ?? 0)
            comparison.period = max(Self.slowPeriod.seconds, Self.slowPeriod.readings * interval)
        }
        comparison.sums.source += Double(one.count)
        comparison.sums.other += Double(other.count)
        comparison.sums.seconds += window.value
        comparison.sums.windows += 1
        let sums = comparison.sums
        guard sums.seconds >= comparison.period, sums.windows >= 3, max(sums.source, sums.other) >= Self.least else {
            return
        }
        comparison.sums = Sums()
        comparison.ratio = sums.ratio
        guard findsStuck else { return }
        set([pair.source, pair.zone], isStuck: sums.source < 0.01 * sums.other)
        set([pair.other, pair.zone], isStuck: sums.other < 0.01 * sums.source)
    }

    /// A verdict on a meter that is gone is no news.
    private mutating func forget(_ window: Seconds) {
        let now = clock
        func isOld(_ comparison: Comparison) -> Bool {
            now - comparison.seen > max(comparison.period, 3 * window.value)
        }
        if comparisons.values.contains(where: isOld) { comparisons = comparisons.filter { !isOld($1) } }
    }

    private mutating func set(_ counter: [String], isStuck: Bool) {
        if isStuck { stuck.insert(counter) } else { stuck.remove(counter) }
    }

    /// True where the figure is what it ought to be.
    private static func isFine(_ pair: Pair, _ ratio: Double, isSlow: Bool) -> Bool {
        switch pair.zone {
        // The parts may well be less than the whole.
        case "platform": ratio <= 1 + tolerance
        case "parts": ratio <= 1 + looseTolerance
        case "battery": abs(ratio - 1) <= looseTolerance
        // The same, whichever of the two is the first.
        default: max(ratio, 1 / ratio) <= 1 + (isSlow ? slowTolerance : tolerance)
        }
    }

    /// The last verdict on each pair, in the order of their names.
    ///
    /// - Parameter soFar: with the first impression of those on which there is none yet: a second or more.
    func states(soFar: Bool = false) -> [Snapshot.CrossCheckState] {
        comparisons.compactMap { pair, comparison in
            let sums = comparison.sums
            let isTelling = soFar && sums.seconds >= 1 && max(sums.source, sums.other) >= Self.leastSoFar
            guard let ratio = comparison.ratio ?? (isTelling ? sums.ratio : nil) else { return nil }
            return Snapshot.CrossCheckState(
                zone: pair.zone, source: pair.source, other: pair.other, ratio: ratio,
                agrees: Self.isFine(pair, ratio, isSlow: comparison.isSlow))
        }.sorted { ($0.zone, $0.source, $0.other) < ($1.zone, $1.source, $1.other) }
    }

    /// What does not agree, in words.
    var notices: [String] {
        states().filter { !$0.agrees }.map { state in
            let factor = "\((state.ratio * 100).rounded() / 100)"
            switch state.zone {
            case "platform":
                return "the node's meter (\(state.source)) shows less than \(state.other) does for the parts alone "
                    + "(\(factor) times as much): one of them is wrong; leave one out with --power.sources"
            case "parts":
                return "\(state.other) shows \(factor) times the power that empties the battery"
            case "battery":
                return "the battery is emptied \(factor) times as fast as \(state.source) says that the node draws"
            case Self.inlet:
                return
                    "the node: \(state.other) shows \(factor) times the energy that \(state.source) does, though both "
                    + "are to measure all of it; \(state.source) is believed; --power.sources changes that"
            default:
                let isSlow =
                    comparisons[
                        Pair(zone: state.zone, source: state.source, other: state.other)]?.isSlow == true
                return "\(state.zone): \(state.other) shows \(factor) times the energy that \(state.source) does, "
                    + (isSlow
                        ? "though both measure the same; \(state.source) is believed; "
                        : "though both read the same counter; \(state.source) is believed unless it stands still; ")
                    + "--power.sources changes that"
            }
        }
    }
}

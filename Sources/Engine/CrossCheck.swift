internal import Energy
internal import PowerSources
internal import Telemetry

/// Compares meters that ought to say the same, over ten seconds and more.
///
/// Two interfaces to one counter must agree; the node's meter must not show less than its parts; a battery that is
/// being emptied must agree roughly with the node's meter. One that stands still while the other counts is not used.
struct CrossCheck {
    struct Pair: Hashable {
        let zone: String
        let source: String
        let other: String
    }

    private struct Sums {
        var source = 0.0
        var other = 0.0
        var seconds = 0.0
        var windows = 0
    }

    private var sums: [Pair: Sums] = [:]
    /// Energy by the other per energy by the source, of the last comparison.
    private(set) var ratios: [Pair: Double] = [:]
    /// Source and zone of counters that stand still.
    private(set) var stuck: Set<[String]> = []

    /// Counters are read some milliseconds apart, and windows are a second.
    static let tolerance = 0.05
    /// A battery's gauge is coarse, and chargers and screens are slow to show.
    static let looseTolerance = 0.3
    /// Comparisons that are not of two interfaces to one counter.
    private static let wideChecks: Set = ["platform", "battery", "parts"]
    private static let period = 10.0
    /// Less energy than this says nothing, uJ.
    private static let least = 5e6

    /// Takes in one window; `offers` in order of preference.
    mutating func observe(_ offers: [(name: String, readings: [ZoneReading])], window: Seconds) {
        for (index, first) in offers.enumerated() {
            for second in offers[(index + 1)...] {
                for reading in first.readings where reading.zone.component != .platform {
                    guard let twin = second.readings.first(where: { $0.zone.name == reading.zone.name }),
                        reading.zone.method == .counter, twin.zone.method == .counter
                    else { continue }
                    let pair = Pair(zone: reading.zone.name, source: first.name, other: second.name)
                    add(pair, reading.energy, twin.energy, window)
                }
            }
        }
    }

    /// Compares the node's meter with the parts it contains, and with a battery.
    mutating func observe(node: ZoneReading?, parts: [ZoneReading], battery: ZoneReading?, window: Seconds) {
        let inside = parts.reduce(Microjoules.zero) { $0 + $1.energy }
        if let node, let source = parts.first?.zone.source, parts.allSatisfy({ $0.zone.quality == .measured }) {
            add(Pair(zone: "platform", source: node.zone.source, other: source), node.energy, inside, window)
        }
        guard let battery else { return }
        if let node {
            add(Pair(zone: "battery", source: node.zone.source, other: "battery"), node.energy, battery.energy, window)
        } else if let source = parts.first?.zone.source {
            add(Pair(zone: "parts", source: "battery", other: source), battery.energy, inside, window)
        }
    }

    private mutating func add(_ pair: Pair, _ one: Microjoules, _ other: Microjoules, _ window: Seconds) {
        var sum = sums[pair] ?? Sums()
        sum.source += Double(one.count)
        sum.other += Double(other.count)
        sum.seconds += window.value
        sum.windows += 1
        sums[pair] = sum
        guard sum.seconds >= Self.period, sum.windows >= 3, max(sum.source, sum.other) >= Self.least else { return }
        sums[pair] = nil
        ratios[pair] = sum.source > 0 ? min(sum.other / sum.source, 1000) : 1000
        guard !Self.wideChecks.contains(pair.zone) else { return }
        set([pair.source, pair.zone], isStuck: sum.source < 0.01 * sum.other)
        set([pair.other, pair.zone], isStuck: sum.other < 0.01 * sum.source)
    }

    private mutating func set(_ counter: [String], isStuck: Bool) {
        if isStuck { stuck.insert(counter) } else { stuck.remove(counter) }
    }

    /// True where the figure is what it ought to be.
    private static func isFine(_ pair: Pair, _ ratio: Double) -> Bool {
        switch pair.zone {
        // The parts may well be less than the whole.
        case "platform": ratio <= 1 + tolerance
        case "parts": ratio <= 1 + looseTolerance
        case "battery": abs(ratio - 1) <= looseTolerance
        default: abs(ratio - 1) <= tolerance
        }
    }

    var states: [Snapshot.CrossCheckState] {
        ratios.map { pair, ratio in
            Snapshot.CrossCheckState(
                zone: pair.zone, source: pair.source, other: pair.other, ratio: ratio,
                agrees: Self.isFine(pair, ratio))
        }.sorted { ($0.zone, $0.source, $0.other) < ($1.zone, $1.source, $1.other) }
    }

    /// What does not agree, in words.
    var notices: [String] {
        states.filter { !$0.agrees }.map { state in
            let factor = "\((state.ratio * 100).rounded() / 100)"
            switch state.zone {
            case "platform":
                return "the node's meter (\(state.source)) shows less than \(state.other) does for the parts alone "
                    + "(\(factor) times as much): one of them is wrong; leave one out with --power.sources"
            case "parts":
                return "\(state.other) shows \(factor) times the power that empties the battery"
            case "battery":
                return "the battery is emptied \(factor) times as fast as \(state.source) says that the node draws"
            default:
                return "\(state.zone): \(state.other) shows \(factor) times the energy that \(state.source) does, "
                    + "though both read the same counter; \(state.source) is believed unless it stands still; "
                    + "--power.sources changes that"
            }
        }
    }
}

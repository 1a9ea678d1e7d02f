import Snapshot

/// What a table shows of a row.
package enum Column: String, CaseIterable, Sendable {
    case watts, quality, before, trend, cpu, share, bar, joules, wattHours = "wh", rate, grams, kind, name

    /// Those that the user may leave out, in the order in which they stand.
    static let choosable: [Column] = [
        .watts, .quality, .trend, .cpu, .share, .bar, .joules, .wattHours, .rate, .grams, .kind,
    ]
    /// Those of which as many are shown as fit.
    static let standard: [Column] = [.watts, .quality, .trend, .cpu, .share, .joules, .rate, .kind]
    /// First to go where there is not enough room; never the power.
    static let dispensable: [Column] = [
        .bar, .rate, .kind, .wattHours, .joules, .grams, .share, .trend, .quality, .cpu, .before,
    ]

    package var title: String {
        switch self {
        case .watts: "WATTS"
        case .quality: "Q"
        case .before: "BEFORE"
        case .trend: "TREND"
        case .cpu: "CPU%"
        case .share: "SHARE"
        case .bar: ""
        case .joules: "JOULES"
        case .wattHours: "Wh"
        case .rate: "gCO2e/h"
        case .grams: "gCO2e"
        case .kind: "KIND"
        case .name: "NAME"
        }
    }

    /// For the menu.
    var help: String {
        switch self {
        case .watts: "watts    mean power"
        case .quality: "quality  = measured, ~ modelled, ? estimated"
        case .before: "before   mean power between the marks before"
        case .trend: "trend    curve of the power, 2 min"
        case .cpu: "cpu      of one CPU, in percent"
        case .share: "share    of the node's power"
        case .bar: "bar      the same as a bar"
        case .joules: "joules   energy since the agent started"
        case .wattHours: "wh       the same in watt-hours"
        case .rate: "rate     emissions at this power"
        case .grams: "grams    emissions since the agent started"
        case .kind: "kind     container, pod, unit"
        case .name: "name"
        }
    }

    /// In cells, without the space between columns; 0 for the name, which takes what is left.
    var width: Int {
        switch self {
        case .joules: 9
        case .watts, .before, .wattHours, .rate, .grams, .trend: 8
        case .cpu, .share: 6
        case .bar: Self.barWidth
        case .kind: 9
        case .quality: 1
        case .name: 0
        }
    }

    /// Longest bar, which stands for all of the node's power.
    static let barWidth = 10

    var sort: SortKey? {
        switch self {
        case .watts: .watts
        case .cpu: .cpu
        case .joules: .joules
        case .grams: .grams
        case .kind: .kind
        case .name: .name
        default: nil
        }
    }

    /// Words stand to the left, numbers to the right.
    var isText: Bool { [.kind, .name, .bar, .trend, .quality].contains(self) }
}

/// What the figures of a row are set against.
struct NodeRates: Sendable {
    /// Power of the node, W; nil while unknown.
    var watts: Double?
    /// Emissions of one watt for one hour, g; nil if the intensity is not a usable number.
    var gramsPerWattHour: Double?
    /// True where a part of the power is estimated: more than two digits would mean nothing.
    var isEstimate: Bool
    let qualities: ZoneQualities

    init(_ snapshot: Snapshot) {
        let node = snapshot.node
        let carbon = snapshot.carbon
        watts = Rows.hasWindow(snapshot) ? node.powerWatts.flatMap { $0.isFinite ? $0 : nil } : nil
        qualities = ZoneQualities(node)
        isEstimate = node.zones.contains { $0.isUp && $0.powerLowWatts != nil }
        let factor = carbon.intensityGramsPerKilowattHour * carbon.pue / 1000
        gramsPerWattHour = factor.isFinite && factor >= 0 ? factor : nil
    }

    /// A power or what follows from one, as exact as it is known.
    func amount(_ value: Double?) -> String { isEstimate ? Format.estimate(value) : Format.quantity(value) }

    /// Emissions of a power of `watts`, g/h.
    func gramsPerHour(_ watts: Double) -> Double? {
        gramsPerWattHour.map { $0 * watts }
    }

    /// Of the node's power, 0...1; nil where that is not known.
    func share(_ row: Row) -> Double? {
        row.watts.flatMap { part in watts.flatMap { $0 > 0 ? part / $0 : nil } }
    }
}

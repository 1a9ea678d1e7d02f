internal import Formatting
import Snapshot

/// What a table shows of a row.
package enum Column: CaseIterable, Sendable {
    case watts, cpu, share, bar, joules, grams, kind, name

    /// Longest bar in characters, which stands for all of the node's power.
    private static let barWidth = 10

    package var title: String {
        switch self {
        case .watts: "WATTS"
        case .cpu: "CPU%"
        case .share: "SHARE"
        case .bar: ""
        case .joules: "JOULES"
        case .grams: "gCO2e/h"
        case .kind: "KIND"
        case .name: "NAME"
        }
    }

    /// In characters, without the space between columns; 0 for the name, which takes what is left.
    var width: Int {
        switch self {
        case .watts: 8
        case .cpu, .share: 7
        case .bar: Self.barWidth
        case .joules, .kind: 9
        case .grams: 8
        case .name: 0
        }
    }

    var sort: SortKey? {
        switch self {
        case .watts: .watts
        case .cpu: .cpu
        case .joules: .joules
        case .name: .name
        default: nil
        }
    }

    private var isText: Bool { self == .kind || self == .name || self == .bar }

    /// `text` in the width of the column: numbers to the right, words to the left.
    func aligned(_ text: String) -> String {
        let text = text.printable()
        let padding = String(repeating: " ", count: max(0, width - text.count))
        return isText ? text + padding : padding + text
    }

    func text(_ row: Row, _ node: NodeRates) -> String {
        let share = row.watts.flatMap { watts in node.watts.flatMap { $0 > 0 ? watts / $0 : nil } }
        return switch self {
        case .watts: node.amount(row.watts)
        case .cpu: Format.percent(row.cpus.map { $0 * 100 })
        case .share: share.map { Format.percent($0 * 100) + "%" } ?? Format.unknown
        case .bar:
            String(repeating: "|", count: Int((max(0, min(share ?? 0, 1)) * Double(Self.barWidth)).rounded()))
        case .joules: Format.joules(row.joules)
        case .grams: node.amount(row.watts.flatMap(node.gramsPerHour))
        case .kind: row.kind
        case .name: row.name
        }
    }
}

/// What the figures of a row are set against.
struct NodeRates: Sendable {
    /// Power of the node, W; nil while unknown.
    var watts: Double?
    /// Emissions of one watt for one hour, g; nil if the intensity is not a usable number.
    var gramsPerWattHour: Double?
    /// True where a part of the power is estimated: more than two digits would mean nothing.
    var isEstimate: Bool

    init(_ snapshot: Snapshot) {
        let node = snapshot.node
        let carbon = snapshot.carbon
        watts = Rows.hasWindow(snapshot) ? node.powerWatts.flatMap { $0.isFinite ? $0 : nil } : nil
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
}

/// The columns that fit, and the lines of a table made of them.
package struct Columns: Sendable {
    /// What the name must be left before a column gives way to it.
    private static let minNameWidth = 18
    /// From here on names are padded so that details stand below each other.
    private static let detailStart = 34
    /// First to go when there is not enough room.
    private static let dispensable: [Column] = [.bar, .kind, .grams, .share, .joules, .cpu]

    package let shown: [Column]

    /// Nil `width`: all but the bar, which is only useful on a screen.
    package init(width: Int?) {
        var shown = Column.allCases.filter { width != nil || $0 != .bar }
        for column in Self.dispensable {
            guard let width, Self.fixedWidth(shown) + Self.minNameWidth > width else { break }
            shown.removeAll { $0 == column }
        }
        self.shown = shown
    }

    private static func fixedWidth(_ columns: [Column]) -> Int {
        columns.reduce(2) { $0 + $1.width + 1 }
    }

    /// The titles, with an arrow at the one that `model` sorts by.
    package func titles(_ model: TopModel? = nil) -> Line {
        var line = Line("  ")
        for column in shown {
            var title = column.title
            if let model, column.sort == model.sort {
                title += (model.sort == .name) == model.isReversed ? "▼" : "▲"
            }
            line.append(column.aligned(title) + " ")
        }
        return line
    }

    /// `row` as a line of the table.
    func line(_ row: Row, _ node: NodeRates, isSelected: Bool = false) -> Line {
        let base: Style = row.isParent || !row.isAlive ? .dim : .plain
        var line = Line(isSelected ? "> " : "  ", .bold)
        for column in shown where column != .name {
            let style: Style = column == .bar ? .green : column == .watts && base == .plain ? .bold : base
            line.append(column.aligned(column.text(row, node)) + " ", style)
        }
        let start = line.count
        line.append(String(repeating: "  ", count: min(row.depth, 12)))
        line.append(row.name, base)
        if !row.isAlive {
            line.append(" (ended)", .dim)
        }
        if !row.detail.isEmpty {
            line.pad(to: start + Self.detailStart)
            line.append("  " + row.detail, .dim)
        }
        return line
    }
}

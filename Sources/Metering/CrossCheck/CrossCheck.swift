internal import Attribution
internal import Units

/// Compares sources that should agree, over windows long enough to rule out chance.
///
/// Two sources that measure one zone must agree; the node's meter must not show less than its parts; a battery that is
/// discharging must roughly agree with the node's meter. Of two counters of one zone, a frozen one is not used while
/// the other advances.
package struct CrossCheck: Sendable {
    /// The readings of one source in a window.
    struct Source {
        let name: String
        /// Time between two readings; zero where it is read with every tick.
        let interval: Seconds
        let readings: [ZoneReading]
    }

    struct Pair: Hashable {
        let zone: String
        let source: String
        let other: String
        /// Where the node's meter is compared with its parts: `psys`, or `platform` for one at the inlet.
        var node: ZoneID?
    }

    private struct Counter: Hashable {
        let zone: ZoneID
        let source: String
    }

    private(set) var comparisons: [Pair: Comparison] = [:]
    private var frozen: Set<Counter> = []
    private var intervals: [String: Double] = [:]
    /// Length of all windows, s.
    private var clock = 0.0

    /// Label of a comparison of two meters of the whole node; `platform` compares its meter with the parts.
    static let inlet = "inlet"

    /// True for a counter that did not advance while another one of the same zone did.
    func isFrozen(_ zone: ZoneID, of source: String) -> Bool { frozen.contains(Counter(zone: zone, source: source)) }

    /// Takes in one window of every source, in order of preference.
    mutating func observe(_ sources: [Source], window: Seconds) {
        clock += window.value
        for (index, first) in sources.enumerated() {
            intervals[first.name] = first.interval.value
            for second in sources[(index + 1)...] {
                for reading in first.readings {
                    guard let twin = second.readings.first(where: { $0.zone.id == reading.zone.id }) else {
                        continue
                    }
                    let zone = reading.zone.id
                    let label = zone == .platform ? Self.inlet : zone.description
                    let areCounters = reading.zone.method == .counter && twin.zone.method == .counter
                    let pair = Pair(zone: label, source: first.name, other: second.name)
                    guard let sums = add(pair, reading.energy, twin.energy, window, isSlow: !areCounters),
                        areCounters
                    else { continue }
                    mark(Counter(zone: zone, source: first.name), isFrozen: sums.source < 0.01 * sums.other)
                    mark(Counter(zone: zone, source: second.name), isFrozen: sums.other < 0.01 * sums.source)
                }
            }
        }
    }

    /// Compares the node's meter with the parts that it contains, and with a battery. Called after
    /// ``observe(_:window:)`` of the same window.
    mutating func observe(node: ZoneReading?, parts: [ZoneReading], battery: ZoneReading?, window: Seconds) {
        defer { forget(window) }
        let inside = parts.reduce(Microjoules.zero) { $0 + $1.energy }
        let areSlow = parts.contains { $0.zone.method != .counter }
        if let node, let source = parts.first?.zone.source, parts.allSatisfy({ $0.zone.quality == .measured }) {
            add(
                Pair(zone: "platform", source: node.zone.source, other: source, node: node.zone.id), node.energy,
                inside, window,
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

    /// Returns the sums of a period that is complete.
    @discardableResult
    private mutating func add(
        _ pair: Pair, _ one: Microjoules, _ other: Microjoules, _ window: Seconds, isSlow: Bool
    ) -> Comparison.Sums? {
        let interval = max(intervals[pair.source] ?? 0, intervals[pair.other] ?? 0)
        return comparisons[pair, default: Comparison()].add(
            one, other, window: window, at: clock, isSlow: isSlow, interval: interval)
    }

    /// Drops verdicts on sources that are gone.
    private mutating func forget(_ window: Seconds) {
        let now = clock
        func isOld(_ comparison: Comparison) -> Bool {
            now - comparison.lastSeen > max(comparison.period, 3 * window.value)
        }
        if comparisons.values.contains(where: isOld) { comparisons = comparisons.filter { !isOld($1) } }
    }

    private mutating func mark(_ counter: Counter, isFrozen: Bool) {
        if isFrozen { frozen.insert(counter) } else { frozen.remove(counter) }
    }
}

package import Formatting

/// Writes metrics in one of Prometheus' text formats.
///
/// A sample costs a copy of the name and of the workload's rendered labels, and its number; nothing is allocated for
/// it.
package final class TextEncoder: MetricEncoder {
    private let format: TextFormat
    private let sink: ByteSink
    private var family: Family?
    /// Labels of every sample but those of `target_info`.
    private let common: [UInt8]
    /// Of the agent's totals, Unix time, s; nil where it is not exported.
    private let agentStart: Double?
    private var start: Double?

    /// What all lines of a family have in common.
    private final class Family {
        let metric: Metric
        let name: [UInt8]
        let labels: [String]
        /// Of the sample that says since when another counts.
        let createdName: [UInt8]
        let isOfTarget: Bool
        var isIntroduced = false

        init(_ metric: Metric) {
            self.metric = metric
            name = Array(metric.prometheusName.utf8)
            labels = metric.attributes.map(Metric.prometheusLabel)
            createdName = Array((metric.prometheusFamily + "_created").utf8)
            isOfTarget = metric.name == Resource.metric.name
        }
    }

    /// - Parameters:
    ///   - common: attributes of every sample.
    ///   - createdSince: the start of the agent's totals, Unix time, s, where counters are to say since when they count;
    ///     nil elsewhere. Only OpenMetrics has room for that.
    package init(
        _ format: TextFormat, _ sink: ByteSink, common: AttributeSet = .none, createdSince: Double? = nil
    ) {
        self.format = format
        self.sink = sink
        self.common = common.labels
        agentStart = format == .openMetrics ? createdSince : nil
    }

    package func begin(_ metric: Metric) {
        family = Family(metric)
        start = nil
    }

    package func setStart(_ unixTime: Double?) { start = unixTime }

    /// Ends the document.
    package func finish() {
        sink.append(format.end)
    }

    package func add(_ set: AttributeSet, _ first: String, _ second: String, _ value: MetricValue) {
        guard let family else { return }
        if !family.isIntroduced {
            family.isIntroduced = true
            let header = format.header(family.metric)
            sink.append(upTo: header.count) { $0.append(header) }
        }
        if case .histogram(let bounds, let counts, let sum) = value {
            add(family, set, first, second, bounds: bounds, counts: counts, sum: sum)
        } else {
            line(family, "", set, first, second) { $0.append(value) }
        }
        guard let agentStart, [.counter, .histogram].contains(family.metric.kind), start != .unknown else { return }
        line(family, "", set, first, second, name: family.createdName) { $0.append(.real(start ?? agentStart)) }
    }

    /// Buckets are cumulative in these formats.
    private func add(
        _ family: Family, _ set: AttributeSet, _ first: String, _ second: String, bounds: [Double], counts: [UInt64],
        sum: Double
    ) {
        var total: UInt64 = 0
        for index in counts.indices {
            total += counts[index]
            let bound = index < bounds.count ? bounds[index] : .infinity
            line(family, "_bucket", set, first, second, bound: bound) { $0.append(total) }
        }
        line(family, "_sum", set, first, second) { $0.append(.real(sum)) }
        line(family, "_count", set, first, second) { $0.append(total) }
    }

    /// One line. `number` is at most ``ByteCursor/longestDouble`` bytes.
    @inline(__always)
    private func line(
        _ family: Family, _ suffix: String, _ set: AttributeSet, _ first: String, _ second: String,
        bound: Double? = nil, name: [UInt8]? = nil, number: (inout ByteCursor) -> Void
    ) {
        let (first, second) = (first.asLabel, second.asLabel)
        let name = name ?? family.name
        var size =
            name.count + suffix.utf8.count + common.count + set.labels.count + 2 * ByteCursor.longestDouble + 16
        let next = set.covered
        if !first.isEmpty { size += family.labels[next].utf8.count + 2 * first.utf8.count + 4 }
        if !second.isEmpty { size += family.labels[next + 1].utf8.count + 2 * second.utf8.count + 4 }
        sink.append(upTo: size) { cursor in
            cursor.append(name)
            if !suffix.isEmpty { cursor.append(suffix) }
            var separator = UInt8(ascii: "{")
            if !common.isEmpty, !family.isOfTarget {
                cursor.append(separator)
                cursor.append(common)
                separator = UInt8(ascii: ",")
            }
            if !set.labels.isEmpty {
                cursor.append(separator)
                cursor.append(set.labels)
                separator = UInt8(ascii: ",")
            }
            if !first.isEmpty {
                cursor.append(separator)
                cursor.append(label: family.labels[next], value: first)
                separator = UInt8(ascii: ",")
            }
            if !second.isEmpty {
                cursor.append(separator)
                cursor.append(label: family.labels[next + 1], value: second)
                separator = UInt8(ascii: ",")
            }
            if let bound {
                cursor.append(separator)
                cursor.append("le=\"")
                cursor.append(.real(bound))
                cursor.append(UInt8(ascii: "\""))
                separator = UInt8(ascii: ",")
            }
            if separator == UInt8(ascii: ",") { cursor.append(UInt8(ascii: "}")) }
            cursor.append(UInt8(ascii: " "))
            number(&cursor)
            cursor.append(UInt8(ascii: "\n"))
        }
    }
}

extension ByteCursor {
    /// A number as both formats have it.
    @inline(__always)
    fileprivate mutating func append(_ value: MetricValue) {
        switch value {
        case .integer(let number): append(number)
        case .millionths(let number): append(millionths: number)
        case .real(let number):
            if number.isFinite {
                append(number)
            } else {
                append(number.isNaN ? "NaN" : number < 0 ? "-Inf" : "+Inf")
            }
        case .histogram: break
        }
    }
}

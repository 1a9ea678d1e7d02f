internal import Formatting

/// Makes the requests of OTLP for metrics: https://opentelemetry.io/docs/specs/otlp/
///
/// Sums are cumulative and begin when the workload came. What Prometheus calls info is a gauge `NAME.info` of value 1.
/// A document that would be larger than ``Options/sizeLimit`` is divided into several requests.
package final class OTLPEncoder: MetricEncoder {
    package enum Format: String, Sendable, CaseIterable {
        case protobuf, json

        /// For the HTTP header `Content-Type`.
        package var contentType: String {
            switch self {
            case .protobuf: "application/x-protobuf"
            case .json: "application/json"
            }
        }
    }

    package struct Options: Sendable, Equatable {
        package var format = Format.protobuf
        /// Bytes of a request before compression, about: collectors refuse what is too large.
        package var sizeLimit = 4 << 20
        /// Whether every workload is a resource of its own, as the processor `k8sattributes` of the OpenTelemetry
        /// Collector expects; else its attributes are those of the data points.
        package var hasResourcePerWorkload = false

        package init() {}
    }

    /// A request, ready to be sent.
    package struct Request: Sendable, Equatable {
        package let body: [UInt8]
        package let points: Int
    }

    /// A data point, independent of the format.
    struct Point {
        let attributes: [(name: String, value: String)]
        /// Unix time, ns.
        let start: UInt64
        let value: MetricValue
    }

    private let options: Options
    private let resource: Resource
    private let scopeVersion: String
    private let agentStart: UInt64
    private let time: UInt64
    private var metric: Metric?
    private var start: UInt64
    /// Of the present metric: those of the agent's own resource, and those of others.
    private var points: [Point] = []
    private var pointsOfOthers: [(resource: AttributeSet, list: [Point])] = []
    private var placeOfResource: [ObjectIdentifier: Int] = [:]
    /// Finished metrics, by resource, in the order in which those came.
    private var metrics: [ResourceMetrics] = []
    private var placeOfMetrics: [ObjectIdentifier?: Int] = [:]
    private var size = 0
    private var pointCount = 0
    private let take: (Request) -> Void

    /// A resource and its metrics, each as an element of the scope's list.
    private struct ResourceMetrics {
        let resource: AttributeSet?
        var metrics: [UInt8] = []
    }

    /// - Parameters:
    ///   - time: of the snapshot, Unix time, s.
    ///   - start: of the agent's totals, Unix time, s.
    ///   - take: gets each request as soon as it is complete, in the order in which they are to be sent.
    package init(
        _ options: Options, resource: Resource, scopeVersion: String, time: Double, start: Double,
        take: @escaping (Request) -> Void
    ) {
        self.take = take
        self.options = options
        self.resource = resource
        self.scopeVersion = scopeVersion
        self.time = Self.nanoseconds(time)
        // A clock that was set back must not make figures that end before they began.
        agentStart = min(Self.nanoseconds(start), self.time)
        self.start = agentStart
    }

    package func begin(_ metric: Metric) {
        endMetric()
        self.metric = metric
        start = agentStart
    }

    package func setStart(_ unixTime: Double?) {
        start = unixTime.map { min(Self.nanoseconds($0), time) } ?? agentStart
    }

    package func add(_ set: AttributeSet, _ first: String, _ second: String, _ value: MetricValue) {
        guard let metric else { return }
        var attributes: [(name: String, value: String)] = []
        let owner = options.hasResourcePerWorkload && set.isOfWorkload ? set : nil
        if owner == nil { attributes = set.pairs }
        if !first.isEmpty { attributes.append((metric.attributes[set.covered], first)) }
        if !second.isEmpty { attributes.append((metric.attributes[set.covered + 1], second)) }
        let point = Point(attributes: attributes, start: start, value: value)
        guard let owner else { return points.append(point) }
        let key = ObjectIdentifier(owner)
        if let place = placeOfResource[key] {
            pointsOfOthers[place].list.append(point)
        } else {
            placeOfResource[key] = pointsOfOthers.count
            pointsOfOthers.append((owner, [point]))
        }
    }

    /// Hands the last request on.
    package func finish() {
        endMetric()
        endRequest()
    }

    private func endMetric() {
        defer {
            points.removeAll(keepingCapacity: true)
            pointsOfOthers.removeAll(keepingCapacity: true)
            placeOfResource.removeAll(keepingCapacity: true)
        }
        guard let metric else { return }
        for (owner, list) in [(nil, points)] + pointsOfOthers.map({ ($0.resource as AttributeSet?, $0.list) }) {
            // A metric of many workloads is divided, too.
            for start in stride(from: 0, to: list.count, by: mostPoints) {
                let part = list[start..<min(start + mostPoints, list.count)]
                let bytes = options.format.metric(metric, part, time: time)
                if size > 0, size + bytes.count > options.sizeLimit { endRequest() }
                let key = owner.map(ObjectIdentifier.init)
                let place = placeOfMetrics[key] ?? metrics.count
                if place == metrics.count {
                    placeOfMetrics[key] = place
                    metrics.append(ResourceMetrics(resource: owner))
                    // About what a resource takes.
                    size += 512
                }
                options.format.append(bytes, to: &metrics[place].metrics)
                size += bytes.count
                pointCount += part.count
            }
        }
    }

    /// A metric is written in parts of this many data points, so that a part fits into a request.
    private var mostPoints: Int { max(16, min(2000, options.sizeLimit / 512)) }

    private func endRequest() {
        guard pointCount > 0 else { return }
        let parts = metrics.map { part in
            let own = part.resource?.pairs ?? []
            // A workload has some of the node's attributes, and no attribute may come twice.
            let common = resource.attributes.filter { common in !own.contains { $0.name == common.name } }
            return options.format.resourceMetrics(
                attributes: common.map { (name: $0.name, value: $0.value) } + own, scopeVersion: scopeVersion,
                metrics: part.metrics)
        }
        let request = Request(body: options.format.request(parts), points: pointCount)
        (metrics, placeOfMetrics, size, pointCount) = ([], [:], 0, 0)
        take(request)
    }

    private static func nanoseconds(_ unixTime: Double) -> UInt64 {
        unixTime > 0 && unixTime < 1.8e10 ? UInt64((unixTime * 1e6).rounded()) * 1000 : 0
    }
}

extension MetricValue {
    /// nil for what is no single number.
    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .millionths(let number): Double(number) / 1e6
        case .real(let number): number
        case .histogram: nil
        }
    }
}

extension Metric {
    /// What OTLP calls it, where that is not the same.
    var otlpName: String { kind == .info ? name + ".info" : name }
    var otlpUnit: String { unit.symbol }
}

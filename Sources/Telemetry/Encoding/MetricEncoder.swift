/// A format that metrics are exported in. Collectors call it with every sample, family by family; it writes as they
/// come and keeps nothing.
package protocol MetricEncoder: AnyObject {
    /// All samples until the next call are of `metric`. A family without samples must not appear.
    func begin(_ metric: Metric)

    /// Since when the samples that follow count, until this is called again or another metric begins.
    ///
    /// - Parameter unixTime: s; nil for the start of the agent's totals, ``Swift/Double/unknown`` where it is not known.
    func setStart(_ unixTime: Double?)

    /// A sample. Its attributes are those of `set`, then `first` and `second` for the metric's attributes that follow;
    /// empty ones are left out.
    func add(_ set: AttributeSet, _ first: String, _ second: String, _ value: MetricValue)
}

extension Double {
    /// A start that is not known; 0 in OTLP.
    package static var unknown: Double { 0 }
}

extension MetricEncoder {
    @inline(__always)
    func add(_ set: AttributeSet, _ value: MetricValue) { add(set, "", "", value) }

    @inline(__always)
    func add(_ set: AttributeSet, _ first: String, _ value: MetricValue) { add(set, first, "", value) }

    /// A sample without attributes.
    func add(_ value: MetricValue) { add(.none, "", "", value) }

    /// A sample with one attribute.
    func add(_ first: String, _ value: MetricValue) { add(.none, first, "", value) }

    /// A sample with two attributes.
    func add(_ first: String, _ second: String, _ value: MetricValue) { add(.none, first, second, value) }
}

/// What an attribute of the metrics is, for the registry: once for all metrics that carry it.
struct AttributeDefinition: Sendable {
    /// In the words of OpenTelemetry's semantic conventions.
    enum Level: Sendable {
        case required
        /// Required under a condition: there always where it holds.
        case conditional(String)
        /// There where it is known.
        case recommended
        /// There on request.
        case optIn
    }

    /// Who defined it.
    enum Origin: String, Sendable, CaseIterable {
        /// OpenTelemetry's semantic conventions.
        case opentelemetry
        case energyd
    }

    /// Its own; ends with `.*` where names of any kind follow.
    let name: String
    let origin: Origin
    let level: Level
    let brief: String
    /// Of its values.
    let examples: [String]
    /// All of its values; empty where there may be others.
    let values: [String]

    init(
        _ name: String, _ origin: Origin, _ level: Level, _ brief: String, examples: [String] = [],
        values: [String] = []
    ) {
        self.name = name
        self.origin = origin
        self.level = level
        self.brief = brief
        self.examples = examples
        self.values = values
    }

    /// One of ours.
    init(
        _ name: String, _ level: Level, _ brief: String, examples: [String] = [], values: [String] = []
    ) {
        self.init(name, .energyd, level, brief, examples: examples, values: values)
    }

    /// `k8s.pod.label` of `k8s.pod.label.*`.
    var id: String { isTemplate ? String(name.dropLast(2)) : name }
    var isTemplate: Bool { name.hasSuffix(".*") }

    static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}

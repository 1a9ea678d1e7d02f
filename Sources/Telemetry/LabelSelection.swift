/// Which labels the series of workloads have besides those that tell one from another.
package struct LabelSelection: Sendable, Equatable {
    /// Stands for those that each kind of workload has by default.
    package static let standardWord = "default"

    /// Names of attributes, some ending with `*` for all that begin so; ``standardWord`` among them.
    package let words: [String]

    package static let standard = LabelSelection(words: [standardWord])
    /// Ids only.
    package static let none = LabelSelection(words: [])

    private init(words: [String]) {
        self.words = words
    }

    /// - Parameter words: names of attributes, in OpenTelemetry's or Prometheus' notation, and ``standardWord``.
    /// - Returns: nil where a workload has no attribute of one of the names; it is in `unknown`.
    package init?(words: [String], unknown: inout String) {
        var names: [String] = []
        for word in words {
            guard let name = Self.name(word) else {
                unknown = word
                return nil
            }
            if !names.contains(name) { names.append(name) }
        }
        self.words = names
    }

    /// Every attribute that can be selected, for help texts.
    package static let known = WorkloadKind.selectable

    private static func name(_ word: String) -> String? {
        if word == standardWord { return word }
        return known.first { name in
            if name.hasSuffix("*") { return word.hasPrefix(name.dropLast()) }
            return name == word || Metric.prometheusLabel(name) == word
        }.map { $0.hasSuffix("*") ? word : $0 }
    }

    /// - Parameter isStandard: whether the kind of workload has it by default.
    func includes(_ attribute: String, isStandard: Bool) -> Bool {
        isStandard && words.contains(Self.standardWord) || words.contains(attribute)
    }

    /// Names of single labels and annotations of pods, which no list of attributes has.
    func names(like pattern: String) -> [String] {
        words.filter { $0 != pattern && $0.hasPrefix(pattern.dropLast()) }
    }
}

/// What the user has chosen in the view and finds again the next time: `~/.config/energyctl/top.conf`.
package struct TopSettings: Sendable, Equatable {
    /// Nil: as many of the usual ones as fit.
    package var columns: [Column]?
    package var sort: SortKey?
    package var average: Average?
    package var palette: Look.Palette?

    package init() {}

    /// What is chosen in `model`; the palette stays as it was.
    package init(_ model: TopModel, palette: Look.Palette?) {
        (columns, sort, average, self.palette) = (model.columns, model.sort, model.average, palette)
    }

    /// Reads `KEY = VALUE` lines and `#` comments. What cannot be understood is left out and told about, in words.
    package static func parse(_ text: String) -> (settings: TopSettings, problems: [String]) {
        var settings = TopSettings()
        var problems: [String] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).prefix(1000).enumerated() {
            let line = line.trimmed
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
            let problem = parts.count == 2 ? settings.set(parts[0], parts[1]) : "it is not KEY = VALUE"
            if let problem { problems.append("line \(number + 1): \(problem)") }
        }
        return (settings, problems)
    }

    /// Nil where it worked.
    private mutating func set(_ key: String, _ value: String) -> String? {
        func choice<T: RawRepresentable<String> & CaseIterable>(_ values: T.Type) -> (T?, String?) {
            let known = T.allCases.map(\.rawValue).joined(separator: ", ")
            return T(rawValue: value).map { ($0, nil) } ?? (nil, "\(key): no \"\(value)\": use one of \(known)")
        }
        var problem: String?
        switch key {
        case "columns":
            let names = value.split(separator: ",").map(\.trimmed)
            let unknown = names.filter { name in !Column.choosable.contains { $0.rawValue == name } }
            guard unknown.isEmpty else {
                let known = Column.choosable.map(\.rawValue).joined(separator: ", ")
                return "columns: no \"\(unknown.joined(separator: ", "))\": use some of \(known)"
            }
            columns = Column.choosable.filter { names.contains($0.rawValue) }
        case "sort": (sort, problem) = choice(SortKey.self)
        case "average": (average, problem) = choice(Average.self)
        case "palette": (palette, problem) = choice(Look.Palette.self)
        default: return "no setting \"\(key)\": there are columns, sort, average, palette"
        }
        return problem
    }

    /// As ``parse(_:)`` reads it.
    package var text: String {
        var lines = ["# Choices made in energyctl top, which writes this file; docs/top.md"]
        if let columns { lines.append("columns = \(columns.map(\.rawValue).joined(separator: ","))") }
        if let sort { lines.append("sort = \(sort.rawValue)") }
        if let average { lines.append("average = \(average.rawValue)") }
        if let palette { lines.append("palette = \(palette.rawValue)") }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
    }
}

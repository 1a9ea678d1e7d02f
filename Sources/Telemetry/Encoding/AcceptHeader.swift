internal import Formatting

/// The header `Accept` of a request, or one of its like: RFC 9110, section 12.5.
///
/// Whatever a client sends: parts that make no sense are left out.
package struct AcceptHeader {
    /// One thing that the client takes.
    struct Range: Equatable {
        /// `text/plain`, `text/*`, `*/*`, `gzip`, `*`; in lower case.
        var name: String
        /// In lower case, without `q`.
        var parameters: [String: String] = [:]
        /// How welcome it is; 0 for not at all.
        var quality = 1.0
    }

    /// As the client has them.
    let ranges: [Range]

    /// No client sends more.
    private static let mostRanges = 64

    /// - Parameter value: nil where the request has none.
    package init(_ value: String?) {
        ranges = Self.split(value ?? "", by: ",").prefix(Self.mostRanges).compactMap(Self.range)
    }

    /// Whether a content coding is wanted: named, or `*`, with a quality above zero.
    package func takes(coding: String) -> Bool {
        let named = ranges.first { $0.name == coding } ?? ranges.first { $0.name == "*" }
        return named.map { $0.quality > 0 } ?? false
    }

    /// Whether a media type is accepted: RFC 9110, 12.5.1, where the closest range counts. Anything is where there is
    /// none.
    ///
    /// - Parameter type: in lower case, without parameters.
    package func takes(type: String) -> Bool {
        guard !ranges.isEmpty else { return true }
        let closest = [type, String(type.prefix { $0 != "/" }) + "/*", "*/*"].lazy.compactMap { name in
            ranges.first { $0.name == name }
        }.first
        return closest.map { $0.quality > 0 } ?? false
    }

    private static func range(_ text: String) -> Range? {
        let parts = split(text, by: ";")
        guard let name = parts.first?.lowercased(), !name.isEmpty else { return nil }
        var range = Range(name: name)
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map(\.trimmed)
            guard pair.count == 2 else { continue }
            let key = pair[0].lowercased()
            let value = pair[1].hasPrefix("\"") ? pair[1].filter { $0 != "\"" } : pair[1]
            if key == "q" {
                // What is no quality is the lowest one, so that a range that is understood is preferred.
                range.quality = Double(value).flatMap { (0...1).contains($0) ? $0 : nil } ?? 0.001
            } else {
                range.parameters[key] = value.lowercased()
            }
        }
        return range
    }

    /// The parts between separators outside of quotation marks, without the blanks around them.
    private static func split(_ text: String, by separator: Character) -> [String] {
        var parts: [String] = []
        var part = ""
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == separator, !isQuoted {
                parts.append(part.trimmed)
                part = ""
            } else {
                part.append(character)
            }
        }
        return parts + [part.trimmed]
    }
}

extension TextFormat {
    /// The format that a client likes best, and the header `Content-Type` of the answer. Where it likes none, the older
    /// one: a scraper with an odd header is better served than refused.
    ///
    /// Names need no escaping in any of the schemes of Prometheus 3, so the one that is asked for is confirmed.
    package static func negotiated(_ accept: AcceptHeader) -> (format: TextFormat, contentType: String) {
        var best: (offer: Offer, range: AcceptHeader.Range)?
        for range in accept.ranges where range.quality > (best?.range.quality ?? 0) {
            if let offer = Offer.all.first(where: { $0.matches(range) }) { best = (offer, range) }
        }
        guard let best else { return (.prometheus, TextFormat.prometheus.contentType) }
        let schemes = ["allow-utf-8", "underscores", "dots", "values"]
        guard let scheme = best.range.parameters["escaping"], schemes.contains(scheme) else {
            return (best.offer.format, best.offer.contentType)
        }
        return (best.offer.format, best.offer.contentType + "; escaping=" + scheme)
    }

    /// What can be served. For a range that matches several, the first.
    private struct Offer {
        let format: TextFormat
        let type: String
        let version: String

        static let all = [
            Offer(format: .prometheus, type: "text/plain", version: "0.0.4"),
            // The same, with escaped names allowed.
            Offer(format: .prometheus, type: "text/plain", version: "1.0.0"),
            Offer(format: .openMetrics, type: "application/openmetrics-text", version: "1.0.0"),
            // A draft that differs in nothing that is used here.
            Offer(format: .openMetrics, type: "application/openmetrics-text", version: "0.0.1"),
        ]

        var contentType: String { "\(type); version=\(version); charset=utf-8" }

        func matches(_ range: AcceptHeader.Range) -> Bool {
            let kind = String(type.prefix { $0 != "/" })
            guard [type, kind + "/*", "*/*"].contains(range.name) else { return false }
            if let charset = range.parameters["charset"], charset != "utf-8" { return false }
            return range.parameters["version"].map { $0 == version } ?? true
        }
    }
}

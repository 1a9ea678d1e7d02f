/// Which span of history a client wants.
package struct HistoryQuery: Hashable, Sendable {
    /// The first second, Unix time, s; nil for a day before the end.
    package var since: Int64?
    /// The first second that is not part of it; nil for now.
    package var until: Int64?
    /// Where the steps of the answer begin, ascending, each once; empty for sums only.
    package var boundaries: [Int64] = []

    package static let mostBoundaries = 400
    /// Until the year 9999.
    package static let latest: Int64 = 253_402_300_800

    /// Names of the parameters.
    package enum Parameter: String, CaseIterable, Sendable {
        case since, until, boundaries
    }

    package init(since: Int64? = nil, until: Int64? = nil, boundaries: [Int64] = []) {
        self.since = since
        self.until = until
        self.boundaries = boundaries
    }

    /// The span, where now is a Unix time, s; empty where it ends before it begins.
    package func span(at now: Int64) -> (since: Int64, until: Int64) {
        let end = until ?? max(now, since ?? now)
        let start = since ?? max(0, end - 86_400)
        return (start, max(start, end))
    }

    /// Throws where a parameter is unknown, there twice, or has a value that it cannot have.
    package init(_ parameters: QueryString) throws(QueryProblem) {
        var times: [Parameter: Int64] = [:]
        var boundaries: [Int64]?
        for (name, value) in parameters.parameters {
            guard let parameter = Parameter(rawValue: name) else {
                let names = Parameter.allCases.map(\.rawValue).joined(separator: ", ")
                throw QueryProblem(name, "there is no such parameter", remedy: "use \(names)")
            }
            guard times[parameter] == nil, parameter != .boundaries || boundaries == nil else {
                throw QueryProblem(name, "it is there twice", remedy: "send it once")
            }
            if parameter == .boundaries {
                boundaries = try Self.list(value)
            } else {
                times[parameter] = try Self.time(value, parameter)
            }
        }
        (since, until) = (times[.since], times[.until])
        self.boundaries = boundaries ?? []
    }

    private static func list(_ text: String) throws(QueryProblem) -> [Int64] {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        guard words.count <= mostBoundaries else {
            throw QueryProblem(
                "boundaries", "it has \(words.count) times", remedy: "send at most \(mostBoundaries)")
        }
        var times: [Int64] = []
        for word in words { times.append(try time(String(word), .boundaries)) }
        return Set(times).sorted()
    }

    private static func time(_ text: String, _ parameter: Parameter) throws(QueryProblem) -> Int64 {
        // `Int64` takes signs too.
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let time = Int64(text),
            time <= latest
        else {
            throw QueryProblem(
                parameter.rawValue, "`\(text)` is not a time", remedy: "use the Unix time in seconds, a whole number")
        }
        return time
    }
}

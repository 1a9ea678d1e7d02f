/// Which workloads of a snapshot a client wants, in which order, and what of them.
///
/// Equal for queries that have the same answer, however they are written, so that an answer is made once for all.
package struct WorkloadQuery: Hashable, Sendable {
    /// Kinds of workloads, as in the snapshot; empty for all.
    package var levels: Set<String> = []
    package var order = WorkloadOrder.standard
    /// nil for all.
    package var limit: Int?
    package var filter = WorkloadFilter()
    /// In the order of ``WorkloadField``; all unless fewer are asked for.
    package var fields = WorkloadField.allCases

    package init() {}

    /// Kinds that a snapshot can have.
    package static let kinds = ["container", "pod", "namespace", "job", "unit", "slice", "vm", "cgroup"]
    package static let largestLimit = 100_000

    /// Names of the parameters.
    package enum Parameter: String, CaseIterable, Sendable {
        case level, sort, limit, filter, fields
    }

    /// Throws where a parameter is unknown, there twice, or has a value that it cannot have.
    package init(_ parameters: QueryString) throws(QueryProblem) {
        var seen: Set<Parameter> = []
        for (name, value) in parameters.parameters {
            guard let parameter = Parameter(rawValue: name) else {
                let names = Parameter.allCases.map(\.rawValue).joined(separator: ", ")
                throw QueryProblem(name, "there is no such parameter", remedy: "use \(names)")
            }
            guard seen.insert(parameter).inserted else {
                throw QueryProblem(name, "it is there twice", remedy: "send it once; lists are separated by commas")
            }
            switch parameter {
            case .level: levels = try Self.levels(value)
            case .sort: order = try Self.order(value)
            case .limit: limit = try Self.limit(value)
            case .filter: filter = try WorkloadFilter(parsing: value)
            case .fields: fields = try Self.fields(value)
            }
        }
    }

    /// The words of a list.
    ///
    /// - Parameter limit: there are no more different ones.
    private static func words(
        _ text: String, of parameter: Parameter, upTo limit: Int
    ) throws(QueryProblem) -> [String] {
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard words.count <= limit else {
            throw QueryProblem(
                parameter.rawValue, "it has \(words.count) words", remedy: "send each once: there are \(limit)")
        }
        return words
    }

    private static func levels(_ text: String) throws(QueryProblem) -> Set<String> {
        let words = try words(text, of: .level, upTo: kinds.count)
        for word in words where !kinds.contains(word) {
            throw QueryProblem(
                "level", "no kind of workload is called `\(word)`",
                remedy: "use one or more of \(kinds.joined(separator: ", ")), separated by commas")
        }
        return Set(words)
    }

    private static func order(_ text: String) throws(QueryProblem) -> WorkloadOrder {
        guard let order = WorkloadOrder(text) else {
            throw QueryProblem(
                "sort", "workloads cannot be sorted by `\(text)`",
                remedy: "use one of \(WorkloadOrder.Key.allCases.map(\.rawValue).joined(separator: ", ")), with a "
                    + "minus sign before it for the largest first")
        }
        return order
    }

    private static func limit(_ text: String) throws(QueryProblem) -> Int {
        // `Int` takes a plus sign too.
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let limit = Int(text),
            (1...largestLimit).contains(limit)
        else {
            throw QueryProblem(
                "limit", "`\(text)` is not a number of workloads",
                remedy: "use a whole number from 1 to \(largestLimit)")
        }
        return limit
    }

    private static func fields(_ text: String) throws(QueryProblem) -> [WorkloadField] {
        let words = try words(text, of: .fields, upTo: WorkloadField.allCases.count)
        for word in words where WorkloadField(rawValue: word) == nil {
            throw QueryProblem(
                "fields", "a workload has no field `\(word)`",
                remedy: "use some of \(WorkloadField.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return WorkloadField.allCases.filter { words.contains($0.rawValue) }
    }
}

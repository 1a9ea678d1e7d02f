internal import Formatting

/// The parameters of a URI: `a=1&b=two%20words`, as browsers, curl and `URLSearchParams` write them.
package struct QueryString: Equatable {
    /// In the order of the URI.
    package let parameters: [(name: String, value: String)]

    /// A longer one is no query of a user, and it is read on the thread that answers probes.
    package static let longest = 7168

    /// Linear in the length. Throws where a `%` is not followed by two hexadecimal digits, where bytes are not UTF-8,
    /// and where it is longer than ``longest``.
    package init(_ text: String) throws(QueryProblem) {
        guard text.utf8.count <= Self.longest else {
            throw QueryProblem(
                "query", "the query is \(text.utf8.count) bytes long",
                remedy: "send at most \(Self.longest) bytes after the question mark")
        }
        var parameters: [(name: String, value: String)] = []
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(pair[0], plusIsBlank: true) else { throw Self.garbled("query") }
            guard let value = percentDecoded(pair.count > 1 ? pair[1] : part[part.endIndex...], plusIsBlank: true)
            else {
                throw Self.garbled(name)
            }
            parameters.append((name, value))
        }
        self.parameters = parameters
    }

    package static func == (a: Self, b: Self) -> Bool {
        a.parameters.count == b.parameters.count && zip(a.parameters, b.parameters).allSatisfy { $0 == $1 }
    }

    private static func garbled(_ parameter: String) -> QueryProblem {
        QueryProblem(
            parameter, "its percent-encoding is broken",
            remedy: "encode it as UTF-8, such as with curl -G --data-urlencode '\(parameter)=...'")
    }
}

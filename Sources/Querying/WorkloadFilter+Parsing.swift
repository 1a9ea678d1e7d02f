extension WorkloadFilter {
    /// Longer ones are refused: each condition is checked for every workload.
    package static let mostConditions = 16
    /// Unicode scalars.
    package static let longest = 512

    /// What is read, as a regular expression of ECMA-262.
    package static let pattern: String = {
        let value = #"("([^"\\]|\\[\s\S])*"|([^,"][^,]*)?)"#
        let names = shortNames.map(\.name).filter { $0 != "alive" }.joined(separator: "|")
        let condition = #"((\#(names)|[^=~!,]*\.[^=~!,]*)!?[=~]\#(value)|alive!?[=~](true|false))"#
        return #"^(\#(condition)(,\#(condition)){0,\#(mostConditions - 1)})?$"#
    }()

    /// Reads `KEY=VALUE`, `!=`, `~`, `!~`, separated by commas. A value that has a comma or a quotation mark is put in
    /// quotation marks, where a backslash takes the meaning from the character after it. Linear in the length.
    package init(parsing text: String) throws(QueryProblem) {
        var rest = text.unicodeScalars[...]
        guard rest.count <= Self.longest else {
            throw Self.problem("it has \(rest.count) characters", "send at most \(Self.longest)")
        }
        while !rest.isEmpty {
            let condition = try Self.condition(&rest)
            guard conditions.count < Self.mostConditions else {
                throw Self.problem("more than \(Self.mostConditions) conditions", "send fewer")
            }
            conditions.append(condition)
            guard let separator = rest.popFirst() else { return }
            guard separator == "," else {
                throw Self.problem(
                    "`\(separator)` after a quoted value", "separate conditions with commas: a=\"x\",b=y")
            }
            guard !rest.isEmpty else { throw Self.problem("it ends with a comma", "remove the comma") }
        }
    }

    private static func problem(_ cause: String, _ remedy: String) -> QueryProblem {
        QueryProblem("filter", cause, remedy: remedy)
    }

    private static func condition(_ rest: inout Substring.UnicodeScalarView) throws(QueryProblem) -> Condition {
        let name = rest.prefix { !["=", "~", "!", ","].contains($0) }
        rest = rest[name.endIndex...]
        let isNegated = rest.first == "!"
        if isNegated { rest.removeFirst() }
        guard let sign = rest.first, sign == "=" || sign == "~" else {
            throw problem(
                "`\(String(name))` is not a condition", "write KEY=VALUE, KEY!=VALUE, KEY~PART or KEY!~PART")
        }
        rest.removeFirst()
        let comparison: Comparison =
            sign == "=" ? (isNegated ? .unequal : .equal) : (isNegated ? .containsNot : .contains)
        let key = try key(String(name))
        let value = try value(&rest)
        guard key != .isAlive || ["true", "false"].contains(value) else {
            throw problem("`alive` compared with `\(value)`", "compare it with true or false: alive=true")
        }
        return Condition(key, comparison, value)
    }

    private static func key(_ name: String) throws(QueryProblem) -> Key {
        if let known = shortNames.first(where: { $0.name == name }) { return known.key }
        // Which attributes there are depends on the node, so any name with a dot may be one.
        guard name.contains(".") else {
            throw problem(
                "no key `\(name)`",
                "use one of \(shortNames.map(\.name).joined(separator: ", ")) or the full name of a label, such as "
                    + "k8s.owner.kind")
        }
        return .label(name)
    }

    private static func value(_ rest: inout Substring.UnicodeScalarView) throws(QueryProblem) -> String {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," }
            rest = rest[value.endIndex...]
            return String(value)
        }
        rest.removeFirst()
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\"" { return String(value) }
            guard scalar == "\\" else {
                value.append(scalar)
                continue
            }
            guard let escaped = rest.popFirst() else { break }
            value.append(escaped)
        }
        throw problem("a quoted value without an end", "end it with a quotation mark")
    }
}

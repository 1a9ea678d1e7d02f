/// Reads a filter as it is typed: words, quoted texts, comparisons, `and`, `or`, `not`, `!` and parentheses.
///
/// Never fails; depth and length are bounded by ``longest``.
struct RowFilterParser {
    /// Longer ones are cut, characters.
    static let longest = 512
    /// Parentheses inside each other; more are left out.
    private static let deepest = 32

    private enum Token: Equatable {
        case word(String, isQuoted: Bool)
        case open, close, not
    }

    private var tokens: ArraySlice<Token>
    private var depth = 0
    private(set) var ignored: [String] = []

    init(_ text: String) {
        tokens = Self.tokens(Array(text.prefix(Self.longest)))[...]
    }

    private static func tokens(_ text: [Character]) -> [Token] {
        var tokens: [Token] = []
        var word = ""
        var isQuoted = false
        var index = 0
        func end() {
            if !word.isEmpty || isQuoted { tokens.append(.word(word, isQuoted: isQuoted)) }
            (word, isQuoted) = ("", false)
        }
        while index < text.count {
            let character = text[index]
            switch character {
            case " ": end()
            case "(" where word.isEmpty: tokens.append(.open)
            case ")":
                end()
                tokens.append(.close)
            // `!~` and `!=` are comparisons, a mark of exclamation before anything else means not.
            case "!" where word.isEmpty: tokens.append(.not)
            case "\"":
                isQuoted = word.isEmpty
                index += 1
                while index < text.count, text[index] != "\"" {
                    word.append(text[index])
                    index += 1
                }
            default: word.append(character)
            }
            index += 1
        }
        end()
        return tokens
    }

    /// Alternatives, up to the end or a closing parenthesis.
    mutating func any() -> RowFilter.Condition {
        var alternatives: [RowFilter.Condition] = []
        repeat {
            let next = all()
            if next != .all([]) { alternatives.append(next) }
        } while take("or")
        // A parenthesis too many.
        if depth == 0, tokens.first == .close {
            tokens.removeFirst()
            ignored.append(")")
            let rest = any()
            return alternatives.isEmpty ? rest : .all([.any(alternatives), rest])
        }
        return alternatives.count == 1 ? alternatives[0] : alternatives.isEmpty ? .all([]) : .any(alternatives)
    }

    private mutating func all() -> RowFilter.Condition {
        var parts: [RowFilter.Condition] = []
        while let next = tokens.first, next != .close, next != .word("or", isQuoted: false) {
            if take("and") { continue }
            if let part = one() { parts.append(part) }
        }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func one() -> RowFilter.Condition? {
        guard let token = tokens.popFirst() else { return nil }
        switch token {
        case .close: return nil
        case .not: return negated("!")
        case .word("not", isQuoted: false): return negated("not")
        case .open:
            guard depth < Self.deepest else {
                ignored.append("(")
                return nil
            }
            depth += 1
            let inside = any()
            depth -= 1
            if tokens.first == .close { tokens.removeFirst() }
            return inside == .all([]) ? nil : inside
        case .word(let word, let isQuoted): return isQuoted ? .text(word) : condition(word)
        }
    }

    private mutating func negated(_ mark: String) -> RowFilter.Condition? {
        let isComplete = tokens.first.map { $0 != .close } ?? false
        guard isComplete, depth < Self.deepest else {
            ignored.append(mark)
            return nil
        }
        depth += 1
        defer { depth -= 1 }
        return one().map(RowFilter.Condition.not)
    }

    private mutating func take(_ word: String) -> Bool {
        guard tokens.first == .word(word, isQuoted: false) else { return false }
        tokens.removeFirst()
        return true
    }

    /// A comparison, or a text to look for.
    private mutating func condition(_ word: String) -> RowFilter.Condition? {
        if word.hasPrefix("\\") {
            if word.count > 1 { return .letters(String(word.dropFirst())) }
            ignored.append(word)
            return nil
        }
        guard let (name, comparison, value) = Self.parts(word) else { return .text(word) }
        if let field = RowFilter.Field.Number.names[name.lowercased()], comparison.isNumeric {
            if let number = Self.number(value) { return .number(field, comparison, number) }
        } else if let field = RowFilter.Field.Word(name), ![.above, .below, .atLeast, .atMost].contains(comparison) {
            if !value.isEmpty { return .word(field, comparison, value) }
        } else {
            return .text(word)
        }
        ignored.append(word)
        return nil
    }

    /// `watts`, `>`, `1` of `watts>1`: divided at the first sign.
    private static func parts(_ word: String) -> (String, RowFilter.Comparison, String)? {
        guard let start = word.firstIndex(where: { "<>=!~".contains($0) }), start != word.startIndex else { return nil }
        let rest = word[start...]
        guard let sign = RowFilter.Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else { return nil }
        return (String(word[..<start]), sign, String(rest.dropFirst(sign.rawValue.count)))
    }

    /// `1.5`, `500m`, `2kW`, `30%`: thousands and thousandths are understood, the unit is for the reader.
    private static func number(_ text: String) -> Double? {
        let digits = text.prefix { $0.isNumber || "+-.".contains($0) }
        guard let value = Double(digits) else { return nil }
        let factor: Double? =
            switch text.dropFirst(digits.count) {
            case "", "W", "w", "J", "j", "Wh", "g", "%": 1
            case "m", "mW", "mJ", "mWh", "mg": 1e-3
            case "k", "kW", "kJ", "kWh", "kg": 1e3
            case "M", "MW", "MJ", "MWh": 1e6
            default: nil
            }
        return factor.map { value * $0 }
    }
}

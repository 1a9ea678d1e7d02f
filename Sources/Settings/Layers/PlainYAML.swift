internal import Formatting
internal import Linux

/// The part of YAML that configuration files of exporters use: maps and lists by indentation, plain and quoted scalars,
/// comments. Anything else is an error with its line; full YAML would need the full Foundation.
package indirect enum PlainYAML: Sendable, Equatable {
    case scalar(String)
    case list([PlainYAML])
    /// In the order of the file, each key once.
    case map([Entry])

    package struct Entry: Sendable, Equatable {
        package let key: String
        package let value: PlainYAML
        package let line: Int
    }

    package struct Failure: Error, CustomStringConvertible, Equatable {
        package let line: Int
        package let reason: String

        package init(line: Int, reason: String) {
            self.line = line
            self.reason = reason
        }

        package var description: String { "line \(line): \(reason)" }
    }

    private struct Line {
        let number: Int
        let indent: Int
        let text: String
    }

    private static let deepest = 8

    /// The document; an empty one is an empty map.
    package init(_ bytes: [UInt8]) throws(Failure) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Failure(line: 1, reason: "not UTF-8: save the file as plain text")
        }
        var lines: [Line] = []
        // By bytes: to Swift a carriage return and the newline after it are one character, which is neither.
        for (index, raw) in withoutByteOrderMark(bytes).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        ).enumerated() {
            let number = index + 1
            let line = String(decoding: raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw, as: UTF8.self)
            guard line.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" }) else {
                throw Failure(line: number, reason: "a control character")
            }
            let content = line.drop { $0 == " " }
            guard content.first != "\t" else {
                throw Failure(line: number, reason: "a tab before the text: indent with spaces")
            }
            guard let first = content.first, first != "#" else { continue }
            if content == "---", lines.isEmpty { continue }
            if content == "---" || content == "..." {
                throw Failure(line: number, reason: "a second document: only one is read")
            }
            lines.append(Line(number: number, indent: line.count - content.count, text: String(content)))
        }
        var position = 0
        guard let first = lines.first else {
            self = .map([])
            return
        }
        self = try Self.block(lines, &position, indent: first.indent, depth: 0)
        if position < lines.count {
            throw Failure(line: lines[position].number, reason: "indented less than what is before it")
        }
    }

    private static func block(
        _ lines: [Line], _ position: inout Int, indent: Int, depth: Int
    ) throws(Failure) -> PlainYAML {
        guard depth < deepest else { throw Failure(line: lines[position].number, reason: "nested too deep") }
        if isItem(lines[position].text) { return try list(lines, &position, indent: indent) }
        var entries: [Entry] = []
        var keys: Set<String> = []
        while position < lines.count, lines[position].indent >= indent {
            let line = lines[position]
            guard line.indent == indent, !isItem(line.text) else {
                throw Failure(line: line.number, reason: "indented in a way that does not fit what is before it")
            }
            let (key, rest) = try key(of: line)
            guard keys.insert(key).inserted else {
                throw Failure(line: line.number, reason: "\(printable(key, limit: 60)) is there twice")
            }
            position += 1
            if let rest {
                entries.append(Entry(key: key, value: try scalar(rest, line.number), line: line.number))
                continue
            }
            // A block of its own: deeper, or a list at the same depth.
            let next = position < lines.count ? lines[position] : nil
            if let next, next.indent > indent || next.indent == indent && isItem(next.text) {
                let value = try block(lines, &position, indent: next.indent, depth: depth + 1)
                entries.append(Entry(key: key, value: value, line: line.number))
            } else {
                entries.append(Entry(key: key, value: .scalar(""), line: line.number))
            }
        }
        return .map(entries)
    }

    private static func list(_ lines: [Line], _ position: inout Int, indent: Int) throws(Failure) -> PlainYAML {
        var items: [PlainYAML] = []
        while position < lines.count, lines[position].indent == indent, isItem(lines[position].text) {
            let line = lines[position]
            items.append(try scalar(line.text.dropFirst().trimmed, line.number))
            position += 1
        }
        return .list(items)
    }

    private static func isItem(_ text: String) -> Bool { text == "-" || text.hasPrefix("- ") }

    /// A key, and what follows its colon; nil where that is a block.
    private static func key(of line: Line) throws(Failure) -> (String, String?) {
        let key: String
        let rest: Substring
        if let quote = line.text.first, quote == "\"" || quote == "'" {
            let (text, tail) = try quoted(line.text, line.number)
            key = text
            rest = tail.drop { $0 == " " }
            guard rest.first == ":" else { throw Failure(line: line.number, reason: "a key without a colon") }
        } else {
            guard
                let colon = line.text.indices.first(where: { index in
                    let next = line.text.index(after: index)
                    return line.text[index] == ":" && (next == line.text.endIndex || line.text[next] == " ")
                })
            else { throw Failure(line: line.number, reason: "not of the form `key: value`") }
            if let first = line.text.first, special.contains(first) || first == "?" {
                throw Failure(line: line.number, reason: "a key cannot begin with \(first): write it in quotes")
            }
            key = line.text[..<colon].trimmed
            rest = line.text[colon...]
        }
        let value = rest.dropFirst().trimmed
        return (key, value.isEmpty || value.hasPrefix("#") ? nil : value)
    }

    private static func scalar(_ text: String, _ line: Int) throws(Failure) -> PlainYAML {
        guard let first = text.first else { return .scalar("") }
        switch first {
        case "\"", "'":
            let (value, rest) = try quoted(text, line)
            try checkEnd(rest, line)
            return .scalar(value)
        case "[":
            guard let end = text.lastIndex(of: "]") else { throw Failure(line: line, reason: "a list without an end") }
            try checkEnd(text[text.index(after: end)...], line)
            let items = text[text.index(after: text.startIndex)..<end]
            if items.trimmed.isEmpty { return .list([]) }
            var list: [PlainYAML] = []
            for item in items.split(separator: ",", omittingEmptySubsequences: false) {
                let item = item.trimmed
                guard !item.hasPrefix("["), !item.hasPrefix("{"), !item.isEmpty else {
                    throw Failure(line: line, reason: "not a list of single values")
                }
                list.append(try scalar(item, line))
            }
            return .list(list)
        case "{" where text.dropFirst().trimmed.hasPrefix("}"):
            try checkEnd(text.drop { $0 != "}" }.dropFirst(), line)
            return .map([])
        case _ where special.contains(first):
            throw Failure(line: line, reason: "a value cannot begin with \(first) here: write it in quotes")
        default:
            // A comment begins after a space.
            var value = Substring(text)
            if let comment = text.firstRange(of: " #") { value = text[..<comment.lowerBound] }
            let plain = value.trimmed
            guard !plain.hasSuffix(":"), plain.firstRange(of: ": ") == nil, !isItem(plain) else {
                throw Failure(line: line, reason: "a value that reads like a key or a list: write it in quotes")
            }
            return .scalar(plain)
        }
    }

    /// What begins something else than a plain text in full YAML: anchors, tags, blocks, maps on one line.
    private static let special: Set<Character> = ["{", "}", "]", ",", "|", ">", "&", "*", "!", "%", "@", "`"]

    private static func checkEnd(_ rest: Substring, _ line: Int) throws(Failure) {
        let rest = rest.trimmed
        guard rest.isEmpty || rest.hasPrefix("#") else {
            throw Failure(line: line, reason: "unexpected text after the value")
        }
    }

    /// The text in quotes at the beginning, and what follows it.
    private static func quoted(_ text: String, _ line: Int) throws(Failure) -> (String, Substring) {
        guard let quote = text.first else { return ("", "") }
        var value = ""
        var index = text.index(after: text.startIndex)
        while index < text.endIndex {
            let character = text[index]
            let next = text.index(after: index)
            if character == quote {
                // Two single quotes are one.
                guard quote == "'", next < text.endIndex, text[next] == "'" else { return (value, text[next...]) }
                value.append("'")
                index = text.index(after: next)
                continue
            }
            if quote == "\"", character == "\\" {
                guard next < text.endIndex, let plain = escapes[text[next]] else {
                    throw Failure(line: line, reason: "an unknown escape sequence: use single quotes")
                }
                value.append(plain)
                index = text.index(after: next)
                continue
            }
            value.append(character)
            index = next
        }
        throw Failure(line: line, reason: "the closing quote is missing")
    }

    private static let escapes: [Character: Character] = ["\\": "\\", "\"": "\"", "n": "\n", "t": "\t", "/": "/"]
}

extension String {
    fileprivate func firstRange(of text: String) -> Range<String.Index>? {
        indices.lazy.compactMap { index -> Range<String.Index>? in
            self[index...].hasPrefix(text) ? index..<self.index(index, offsetBy: text.count) : nil
        }.first
    }
}

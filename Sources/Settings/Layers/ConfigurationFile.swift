internal import Formatting
internal import Linux

/// The configuration file: lines of `name = value`.
///
/// Names are those of the flags without `--`. A `#` at the start of a line or after a space begins a comment. A value
/// in double quotes is taken as it stands, with `\"` and `\\`. It is not YAML or TOML because their parsers need the
/// full Foundation (44 MB), and every value here is one word.
package enum ConfigurationFile {
    /// Larger files are refused: all settings together need about 4 KB.
    static let limit = 64 << 10

    /// Reads the assignments of the file at `path`. Throws on the first thing that is wrong with it.
    package static func read(_ path: String) throws(ConfigurationError) -> [Assignment] {
        let content: [UInt8]
        do {
            content = try readNamedFile(path, limit: limit + 1)
        } catch {
            throw ConfigurationError(
                "cannot read the configuration file \(printable("\(error)")): correct --config.file or "
                    + "\(Layers.fileVariable), or set it to none to run without a file")
        }
        return try parse(content, path: path)
    }

    /// - Parameter path: for messages.
    static func parse(_ content: [UInt8], path: String) throws(ConfigurationError) -> [Assignment] {
        guard content.count <= limit else {
            throw ConfigurationError(
                "\(path): larger than \(limit >> 10) KiB, so not a configuration file: correct --config.file")
        }
        var bytes = content[...]
        // The byte order mark of some editors.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        var assignments: [Assignment] = []
        var lines: [String: Int] = [:]
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            func refusal(_ reason: String) -> ConfigurationError { ConfigurationError("\(path):\(number): \(reason)") }
            let entry: (name: String, value: String)?
            do throws(Setting.Refusal) {
                entry = try self.entry(line)
            } catch {
                throw refusal(error.reason)
            }
            guard let entry else { continue }
            guard let setting = Setting.named(entry.name) else { throw refusal(unknown(entry.name)) }
            if let earlier = lines.updateValue(number, forKey: entry.name) {
                throw refusal("\(entry.name) is already set on line \(earlier): remove one of the two")
            }
            assignments.append(Assignment(setting, entry.value, from: .file(path: path, line: number)))
        }
        return assignments
    }

    /// Name and value of a line; nil for one that holds neither.
    private static func entry(_ bytes: ArraySlice<UInt8>) throws(Setting.Refusal) -> (name: String, value: String)? {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Setting.Refusal("not UTF-8: save the file as plain text")
        }
        var line = Substring(text)
        if line.unicodeScalars.last == "\r" { line.unicodeScalars.removeLast() }
        guard !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\t" }) else {
            throw Setting.Refusal("contains a control character: save the file as plain text")
        }
        line = Substring(line.trimmed)
        guard let first = line.first, first != "#" else { return nil }
        guard let equals = line.firstIndex(of: "=") else {
            throw Setting.Refusal("\(quoted(String(line))) is not of the form `name = value`")
        }
        let name = line[..<equals].trimmed
        do {
            return (name, try value(Substring(line[line.index(after: equals)...].trimmed)))
        } catch {
            throw Setting.Refusal("\(printable(name, limit: 60)): \(error.reason)")
        }
    }

    private static func value(_ text: Substring) throws(Setting.Refusal) -> String {
        guard text.first == "\"" else {
            let value = uncommented(text)
            guard !value.isEmpty else { throw Setting.Refusal("has no value: remove the line to keep the default") }
            return String(value)
        }
        var value = ""
        var isEscaped = false
        for index in text.indices.dropFirst() {
            let character = text[index]
            if isEscaped {
                guard character == "\"" || character == "\\" else {
                    throw Setting.Refusal("\\\(character) is not an escape sequence: write \\\\ for a backslash")
                }
                value.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                guard uncommented(text[text.index(after: index)...]).isEmpty else {
                    throw Setting.Refusal("unexpected text after the closing quote: remove it")
                }
                return value
            } else {
                value.append(character)
            }
        }
        throw Setting.Refusal("the closing quote is missing")
    }

    /// Without a comment, which begins at the start or after a space.
    private static func uncommented(_ text: Substring) -> Substring {
        var isAfterSpace = true
        for index in text.indices {
            if text[index] == "#", isAfterSpace { return Substring(text[..<index].trimmed) }
            isAfterSpace = isSpace(text[index])
        }
        return Substring(text.trimmed)
    }

    private static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }

    private static func unknown(_ name: String) -> String {
        if name == Layers.fileKey { return "a configuration file cannot name another one: remove the line" }
        // As a flag or variable would be written.
        let plain = name.drop { $0 == "-" }.lowercased()
        let near = nearest(to: plain, among: Setting.all.map(\.key))
        let hint = near.map { "did you mean \($0)?" } ?? "`energyd config` lists all settings"
        return "unknown setting \(quoted(name)): \(hint)"
    }
}

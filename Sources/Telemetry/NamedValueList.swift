internal import Formatting

/// Lists of names and values as OpenTelemetry's environment variables have them.
package enum NamedValueList {
    /// `name=value,name=value`, with `%` and two digits for what has a meaning there (W3C Baggage): attributes and headers.
    ///
    /// - Returns: nil where it is no such list.
    package static func parse(_ text: String) -> [Resource.Attribute]? {
        var list: [Resource.Attribute] = []
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
            guard pair.count == 2, let value = percentDecoded(pair[1].utf8), isName(pair[0]), isValue(value) else {
                return nil
            }
            list.append(Resource.Attribute(pair[0], value))
        }
        return list
    }

    /// A `name: value` or `name=value` per line; what is neither is left out, and so are comments.
    package static func parse(file content: [UInt8]) -> [Resource.Attribute] {
        content.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.compactMap { line in
            guard let text = String(validating: line, as: UTF8.self), !text.hasPrefix("#"),
                let end = text.firstIndex(where: { $0 == ":" || $0 == "=" })
            else { return nil }
            let (name, value) = (text[..<end].trimmed, text[text.index(after: end)...].trimmed)
            return isName(name) && isValue(value) && !value.isEmpty ? Resource.Attribute(name, value) : nil
        }
    }

    /// A token of HTTP, RFC 9110, 5.6.2, which names of attributes are too.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8.contains(byte)
            }
    }

    private static func isValue(_ value: String) -> Bool { value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
}

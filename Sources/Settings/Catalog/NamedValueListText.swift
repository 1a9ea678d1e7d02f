internal import Telemetry

/// `NAME=VALUE,NAME=VALUE` as the text of a setting.
enum NamedValueListText {
    static func isRefused(_ text: String) -> Bool { NamedValueList.parse(text) == nil }

    /// Can be read again.
    static func text(_ list: [Resource.Attribute]) -> String {
        list.map { "\($0.name)=\(escaped($0.value))" }.joined(separator: ",")
    }

    /// What has a meaning in a list, as `%` and two digits.
    static func escaped(_ value: String) -> String {
        let digits = Array("0123456789ABCDEF")
        // Blanks at the ends would be lost.
        return value.utf8.reduce(into: "") { text, byte in
            if byte == UInt8(ascii: "%") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ") || byte >= 0x80 {
                text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            } else {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
    }
}

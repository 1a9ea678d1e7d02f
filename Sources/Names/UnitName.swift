/// The parts of a systemd unit's name: `PREFIX.SUFFIX`, `PREFIX@INSTANCE.SUFFIX`.
struct UnitName {
    private let whole: String
    /// Without the suffix.
    private let stem: String
    private let prefix: String
    private let instance: String
    private let suffix: String
    private let hasInstance: Bool

    init(_ name: String) {
        let bytes = name.utf8
        let dot = bytes.lastIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
        let at = bytes[..<dot].firstIndex(of: UInt8(ascii: "@"))
        whole = name
        stem = String(Substring(bytes[..<dot]))
        suffix = String(Substring(bytes[dot...]))
        prefix = String(Substring(bytes[..<(at ?? dot)]))
        instance = at.map { String(Substring(bytes[bytes.index(after: $0)..<dot])) } ?? ""
        hasInstance = at != nil
    }

    /// The file of all instances, `getty@.service` of `getty@tty1.service`; nil for units that are not instances.
    var template: String? { hasInstance && !suffix.isEmpty ? "\(prefix)@\(suffix)" : nil }

    /// Replaces the specifiers that stand for parts of the name: `%n`, `%N`, `%p`, `%P`, `%i`, `%I`, `%j`, `%J`, `%%`.
    /// Others stay as they are. systemd.unit(5), "Specifiers"
    func expand(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.popFirst() else {
                result.append(character)
                continue
            }
            result += value(of: letter) ?? "%\(letter)"
        }
        return result
    }

    private func value(of letter: Character) -> String? {
        switch letter {
        case "n": whole
        case "N": stem
        case "p": prefix
        case "P": Self.unescape(prefix)
        case "i": instance
        case "I": Self.unescape(instance)
        case "j": lastOfPrefix
        case "J": Self.unescape(lastOfPrefix)
        case "%": "%"
        default: nil
        }
    }

    /// What follows the last dash of the prefix; all of it where there is none.
    private var lastOfPrefix: String {
        let bytes = prefix.utf8
        guard let dash = bytes.lastIndex(of: UInt8(ascii: "-")) else { return prefix }
        return String(Substring(bytes[bytes.index(after: dash)...]))
    }

    /// Undoes systemd-escape(1): `-` stands for `/`, `\xHH` for a byte.
    private static func unescape(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.dropFirst().prefix(2)
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte == UInt8(ascii: "-") ? UInt8(ascii: "/") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

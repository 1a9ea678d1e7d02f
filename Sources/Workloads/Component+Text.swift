internal import Linux

/// Byte-wise text handling: a cgroup name is bytes, and the prefix and suffix methods of `String` compare by Unicode
/// equivalence, which is also slower.
extension Substring.UTF8View {
    func equals(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { self.elementsEqual($0) }
    }

    /// What follows `prefix`; nil where it does not begin with it.
    func dropping(prefix: StaticString) -> Self? {
        prefix.withUTF8Buffer { self.starts(with: $0) } ? dropFirst(prefix.utf8CodeUnitCount) : nil
    }

    /// What precedes `suffix`; nil where it does not end with it.
    func dropping(suffix text: StaticString) -> Self? {
        text.withUTF8Buffer { self.suffix($0.count).elementsEqual($0) } ? dropLast(text.utf8CodeUnitCount) : nil
    }

    /// The text with systemd's `\xHH` decoded, see systemd-escape(1), and the bytes of ``NameBytes``. What is not UTF-8
    /// is replaced.
    var unescaped: String {
        guard contains(UInt8(ascii: "\\")) else { return NameBytes.readable(String(Substring(self))) }
        var bytes: [UInt8] = []
        var rest = self
        while let byte = rest.first {
            if byte == UInt8(ascii: "\\"), let digits = rest.dropping(prefix: "\\x")?.prefix(2), digits.isHexadecimal,
                let value = UInt8(Substring(digits), radix: 16), digits.count == 2
            {
                bytes.append(value)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return NameBytes.isEscaped(bytes) ? NameBytes.readable(text) : text
    }

    /// 36 characters with `-` or `_` between the groups, or 32 digits.
    var isPodUID: Bool {
        guard count == 36 else { return count == 32 && isHexadecimal }
        return enumerated().allSatisfy { offset, byte in
            switch offset {
            case 8, 13, 18, 23: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            default: byte.isHexadecimalDigit
            }
        }
    }

    /// The text where it is a decimal number, else nil.
    var decimal: String? {
        !isEmpty && allSatisfy(\.isDecimalDigit) ? String(Substring(self)) : nil
    }

    /// The number of a job of Slurm since 26.05: `s` and 13 characters of Crockford's base 32.
    var isSluid: Bool {
        count == 14 && first == UInt8(ascii: "s")
            && dropFirst().allSatisfy { byte in
                byte.isDecimalDigit
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                        && !"ILOU".utf8.contains(byte)
            }
    }

    var startsWithDigit: Bool { first?.isDecimalDigit ?? false }

    /// The service of a systemd that manages units of its own below itself: of a user, or of a capsule.
    var isUserManager: Bool {
        dropping(suffix: ".service").map {
            $0.dropping(prefix: "user@") ?? $0.dropping(prefix: "capsule@") ?? $0.prefix(0)
        }
        .map { !$0.isEmpty } ?? false
    }

    /// NAME of `machine-DRIVER\x2dNUMBER\x2dNAME.scope` (libvirt with systemd; with a driver of its own in a program
    /// `machine-DRIVER\x2dembed\x2dHASH\x2dNUMBER\x2dNAME.scope`), `DRIVER-NUMBER-NAME.libvirt-DRIVER` or
    /// `NAME.libvirt-DRIVER` (without). A scope without a number is another machine's, which may be called like a driver.
    ///
    /// Source: https://libvirt.org/cgroups.html
    func machineName(driver: StaticString) -> String? {
        let machine: String
        if let body = dropping(suffix: ".scope")?.dropping(prefix: "machine-") {
            machine = body.unescaped
            guard let rest = machine.utf8[...].dropping(prefix: driver)?.dropping(prefix: "-") else { return nil }
            let numbered = Self.withoutEmbedding(rest)
            let name = numbered.drop(while: \.isDecimalDigit)
            guard name.startIndex > numbered.startIndex, name.first == UInt8(ascii: "-"), name.count > 1 else {
                return nil
            }
            return String(Substring(name.dropFirst()))
        } else if let body = dropping(suffix: driver)?.dropping(suffix: ".libvirt-") {
            machine = body.unescaped
        } else {
            return nil
        }
        let name = Self.withoutNumber(machine[...].utf8, driver: driver)
        return name.isEmpty ? nil : String(Substring(name))
    }

    /// What follows `embed-HASH-`.
    private static func withoutEmbedding(_ text: Self) -> Self {
        guard let rest = text.dropping(prefix: "embed-") else { return text }
        let number = rest.drop(while: \.isHexadecimalDigit)
        return number.startIndex > rest.startIndex && number.first == UInt8(ascii: "-") ? number.dropFirst() : text
    }

    private static func withoutNumber(_ machine: Self, driver: StaticString) -> Self {
        guard let rest = machine.dropping(prefix: driver), rest.first == UInt8(ascii: "-") else { return machine }
        let name = rest.dropFirst().drop(while: \.isDecimalDigit)
        return name.first == UInt8(ascii: "-") ? name.dropFirst() : rest.dropFirst()
    }
}

extension Collection<UInt8> {
    /// Whether every byte is a lower-case hexadecimal digit, the only ones that runtimes write.
    var isHexadecimal: Bool { allSatisfy(\.isHexadecimalDigit) }
}

extension UInt8 {
    var isDecimalDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var isHexadecimalDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}

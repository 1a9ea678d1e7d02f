internal import Linux

/// Descriptions of systemd units from their files.
struct UnitFiles {
    /// The host's root directory; empty for `/`.
    let rootfs: String

    /// In the order in which systemd.unit(5) lets one win over the other.
    private static let directories = [
        "/run/systemd/transient", "/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    ]

    /// `unit`: a name as it is in the cgroup path, decoded.
    func facts(of unit: String) -> [String: String] {
        // By bytes: a slash with a mark on it is another character, and as good a slash.
        guard !unit.isEmpty, !unit.utf8.contains(UInt8(ascii: "/")), unit != "..", unit.utf8.count < 256 else {
            return [:]
        }
        for name in [unit, template(of: unit)].compactMap(\.self) {
            for directory in Self.directories {
                guard let text = try? readText("\(rootfs)\(directory)/\(name)", limit: 1 << 16),
                    let description = Self.description(in: text)
                else { continue }
                return ["systemd.unit.description": expand(description, unit: unit)]
            }
        }
        return [:]
    }

    /// `getty@.service` of `getty@tty1.service`.
    private func template(of unit: String) -> String? {
        let bytes = unit.utf8
        guard let at = bytes.firstIndex(of: UInt8(ascii: "@")), let dot = bytes.lastIndex(of: UInt8(ascii: ".")),
            at < dot
        else { return nil }
        return String(Substring(bytes[...at])) + String(Substring(bytes[dot...]))
    }

    static func description(in text: String) -> String? {
        var isInUnit = false
        for line in lines(of: text) {
            if line.hasPrefix("[") { isInUnit = line.hasPrefix("[Unit]") }
            if isInUnit, line.hasPrefix("Description=") {
                let value = printable(String(line.dropFirst("Description=".count)))
                return value.isEmpty ? nil : value
            }
        }
        return nil
    }

    /// The specifiers that descriptions use: `%i`, `%I`, `%n`, `%N`, `%p`.
    private func expand(_ text: String, unit: String) -> String {
        let stem = unit.lastIndex(of: ".").map { String(unit[..<$0]) } ?? unit
        let parts = stem.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let instance = parts.count > 1 ? String(parts[1]) : ""
        var result = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.popFirst() else {
                result.append(character)
                continue
            }
            switch letter {
            case "i", "I": result += instance
            case "n": result += unit
            case "N": result += stem
            case "p": result += parts.first.map(String.init) ?? stem
            case "%": result += "%"
            default: result += "%\(letter)"
            }
        }
        return result
    }
}

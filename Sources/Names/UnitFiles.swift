internal import Linux

/// Descriptions of systemd units from their files.
struct UnitFiles {
    /// The host's root directory; empty for `/`.
    let rootfs: String

    /// In order of precedence, see systemd.unit(5).
    private static let directories = [
        "/run/systemd/transient", "/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    ]

    /// - Parameter unit: a name as systemd has it, escapes such as `\x2d` included: that is what its file is called.
    func facts(of unit: String) -> [String: String] {
        // By bytes: a slash with a combining mark is another character, and separates directories all the same.
        guard !unit.isEmpty, !unit.utf8.contains(UInt8(ascii: "/")), unit != "..", unit.utf8.count < 256 else {
            return [:]
        }
        let name = UnitName(unit)
        for file in [unit, name.template].compactMap(\.self) {
            for directory in Self.directories {
                guard let text = try? readText("\(rootfs)\(directory)/\(file)", limit: 1 << 16),
                    let description = Self.description(in: text)
                else { continue }
                return ["systemd.unit.description": printable(name.expand(description))]
            }
        }
        return [:]
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
}

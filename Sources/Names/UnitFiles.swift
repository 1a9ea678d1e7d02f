internal import Linux
internal import Workloads

/// Descriptions of systemd units from their files.
struct UnitFiles {
    let files: HostFiles

    /// In order of precedence, see systemd.unit(5).
    private static let system = [
        "/run/systemd/transient", "/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    ]
    /// Those of all users' managers.
    private static let users = [
        "/etc/systemd/user", "/run/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user",
    ]

    /// - Parameters:
    ///   - unit: a name as systemd has it, escapes such as `\x2d` included: that is what its file is called.
    ///   - manager: whose unit it is. The files of one manager do not describe the units of another.
    func facts(of unit: String, manager: CgroupIdentity.Manager) -> [String: String] {
        // By bytes: a slash with a combining mark is another character, and separates directories all the same.
        guard !unit.isEmpty, !unit.utf8.contains(UInt8(ascii: "/")), unit != "..", unit.utf8.count < 256 else {
            return [:]
        }
        let name = UnitName(unit)
        let directories = directories(of: manager)
        for file in [unit, name.template].compactMap(\.self) {
            for directory in directories {
                guard let text = files.text(file, in: directory), let description = Self.description(in: text) else {
                    continue
                }
                return ["systemd.unit.description": printable(name.expand(description))]
            }
        }
        return [:]
    }

    private func directories(of manager: CgroupIdentity.Manager) -> [HostFiles.Directory] {
        switch manager {
        case .system: return Self.system.map { .root($0) }
        case .other: return []
        case .user(let user):
            let (home, runtime) = files.homes(of: user)
            let own = home.map { home in
                ["config", "local/share"].map { HostFiles.Directory.user(".\($0)/systemd/user", in: home) }
            }
            let brief = ["transient", "user", "generator"].map {
                HostFiles.Directory.user("systemd/\($0)", in: runtime)
            }
            return brief + (own ?? []) + Self.users.map { .root($0) }
        }
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

internal import Formatting
internal import Linux
internal import Workloads

/// Descriptions of systemd units from their files.
struct UnitFiles {
    let files: HostFiles

    /// In order of precedence, see systemd.unit(5).
    private static let system = [
        "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
        "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system",
        "/run/systemd/system.attached", "/run/systemd/generator", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/generator.late",
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
        let names = [unit, name.template].compactMap(\.self)
        var description = names.lazy.flatMap { file in directories.lazy.map { (file, $0) } }
            .compactMap { files.text($0, in: $1) }.compactMap { Self.description(in: $0) }.first
        // Of the template first, so that the instance's decide.
        for file in names.reversed() {
            for text in dropIns(of: file, in: directories) {
                description = Self.description(in: text) ?? description
            }
        }
        guard let description, !description.isEmpty else { return [:] }
        return ["systemd.unit.description": printable(name.expand(description))]
    }

    /// What is in `NAME.d/*.conf`, in the order of the names; of two of one name the one in the first directory counts.
    private func dropIns(of unit: String, in directories: [HostFiles.Directory]) -> [String] {
        var places: [String: HostFiles.Directory] = [:]
        for directory in directories {
            let own = directory.appending(unit + ".d")
            for name in files.names(in: own, ending: ".conf").prefix(Self.dropInLimit) where places[name] == nil {
                places[name] = own
            }
        }
        return places.sorted { $0.key < $1.key }.prefix(Self.dropInLimit).compactMap {
            files.text($0.key, in: $0.value)
        }
    }

    private static let dropInLimit = 64

    private func directories(of manager: CgroupIdentity.Manager) -> [HostFiles.Directory] {
        switch manager {
        case .system: return Self.system.map { .root($0) }
        case .other: return []
        case .user(let user):
            let (home, runtime) = files.homes(of: user)
            let own = home.map { home in
                ["config", "local/share"].map { HostFiles.Directory.user(".\($0)/systemd/user", in: home) }
            }
            func brief(_ names: String...) -> [HostFiles.Directory] {
                names.map { .user("systemd/\($0)", in: runtime) }
            }
            return brief("user.control", "transient", "generator.early", "user", "generator") + (own ?? [])
                + Self.users.map { .root($0) } + brief("generator.late")
        }
    }

    /// What the file assigns last; empty where it takes back what others did, nil where it assigns nothing.
    static func description(in text: String) -> String? {
        var isInUnit = false
        var found: String?
        var logical = ""
        for line in lines(of: text) {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            // Comments may stand between the parts of a line.
            if trimmed.first == "#" || trimmed.first == ";" { continue }
            if line.last == "\\" {
                logical += line.dropLast() + " "
                continue
            }
            let whole = (logical + line).trimmed
            logical = ""
            if whole.first == "[" { isInUnit = whole == "[Unit]" }
            guard isInUnit, let equals = whole.firstIndex(of: "="), whole[..<equals].trimmed == "Description"
            else { continue }
            found = printable(whole[whole.index(after: equals)...].trimmed)
        }
        return found
    }
}

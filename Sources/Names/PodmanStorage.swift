internal import FoundationEssentials
internal import Linux

/// Names of podman's containers, from the lists of containers/storage, which Buildah and CRI-O use too.
///
/// A storage has a directory per driver, `DRIVER-containers`, and in it two lists: `containers.json`, and
/// `volatile-containers.json` of those that are removed when they end (`--rm`, Quadlet). With `transient_store` the
/// second one is in the directory for the time until the next boot.
///
/// Source: containers/storage, `store.go` and `containers.go`; containers-storage.conf(5).
struct PodmanStorage {
    let files: HostFiles

    private static let drivers = ["overlay", "vfs", "btrfs", "zfs", "aufs", "devicemapper"]
    private static let lists = ["volatile-containers.json", "containers.json"]

    /// The names of a container; empty where no list has it.
    ///
    /// - Parameter user: whose container it is; nil for root. Each user's list names only that user's own containers.
    func facts(of id: String, user: UInt32?) throws(HostError) -> [String: String] {
        var failure: HostError?
        for root in user.map(roots(of:)) ?? roots {
            for driver in Self.drivers {
                let directory = root.appending("\(driver)-containers")
                for list in Self.lists {
                    do throws(HostError) {
                        let containers: [Lenient<Container>]? = try files.read(list, in: directory)
                        guard let found = containers?.first(where: { $0.value?.id == id })?.value else { continue }
                        return facts(found, in: directory)
                    } catch {
                        failure = failure ?? error
                    }
                }
            }
        }
        if let failure { throw failure }
        return [:]
    }

    private func facts(_ container: Container, in directory: HostFiles.Directory) -> [String: String] {
        let metadata = container.metadata.flatMap {
            try? JSONDecoder().decode(Container.Metadata.self, from: Data($0.utf8))
        }
        var facts: [String: String] = [:]
        facts["container.name"] = container.names?.first ?? metadata?.name
        facts["container.image.name"] = metadata?.imageName
        let bundle = directory.appending(container.id).appending("userdata")
        let specification: Specification? = try? files.read("config.json", in: bundle)
        facts["container.wasm.runtime"] = specification?.webAssembly()
        return facts
    }

    private struct Container: Decodable {
        struct Metadata: Decodable {
            var imageName: String?
            var name: String?
            enum CodingKeys: String, CodingKey { case imageName = "image-name", name }
        }
        var id: String
        var names: [String]?
        var metadata: String?
    }
}

extension PodmanStorage {
    /// The directories of root's storage: the lasting one, and the one until the next boot.
    private var roots: [HostFiles.Directory] {
        let settings = settings
        return [
            settings["graphroot"] ?? "/var/lib/containers/storage", settings["runroot"] ?? "/run/containers/storage",
        ].map { .root($0) }
    }

    /// Where CRI-O, and podman, keep what lasts until the next boot.
    func runRoot() -> String {
        let more = files.names(in: .root("/etc/crio/crio.conf.d"), ending: ".conf").reversed().map {
            "crio.conf.d/\($0)"
        }
        let own = (more + ["crio.conf"]).lazy.compactMap { files.text($0, in: .root("/etc/crio")) }
            .compactMap { Self.settings(in: $0, table: "[crio]")["runroot"] }.first
        return own ?? settings["runroot"] ?? "/run/containers/storage"
    }

    /// Those of a user. What the user's own storage.conf says is not asked for: it could lead anywhere.
    private func roots(of user: UInt32) -> [HostFiles.Directory] {
        let (home, runtime) = files.homes(of: user)
        var roots = [HostFiles.Directory.user("containers", in: runtime)]
        if let home { roots.insert(.user(".local/share/containers/storage", in: home), at: 0) }
        if let path = settings["rootless_storage_path"], let root = expand(path, user: user, home: home) {
            roots.insert(root, at: 0)
        }
        return roots
    }

    /// With the variables that containers-storage.conf(5) allows; nil where one is not known.
    private func expand(_ path: String, user: UInt32, home: String?) -> HostFiles.Directory? {
        let name = Accounts(rootfs: files.rootfs).account(user)?.name
        let values = [("$HOME", home), ("$UID", "\(user)"), ("$USER", name)]
        var expanded = path
        for (variable, value) in values where expanded.contains(variable) {
            guard let value else { return nil }
            expanded = expanded.replacing(variable, with: value)
        }
        guard expanded.hasPrefix("/"), !expanded.split(separator: "/").contains("..") else { return nil }
        return .user(expanded, in: "/")
    }

    /// The table `storage` of root's configuration.
    private var settings: [String: String] {
        for directory in ["/etc/containers", "/usr/share/containers"] {
            guard let text = files.text("storage.conf", in: .root(directory)) else { continue }
            return Self.settings(in: text)
        }
        return [:]
    }

    /// Keys with texts as values, `key = "value"`.
    static func settings(in text: String, table: String = "[storage]") -> [String: String] {
        var result: [String: String] = [:]
        var isInTable = false
        for line in lines(of: text) {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("[") { isInTable = line.hasPrefix(table) }
            guard isInTable, !line.hasPrefix("#"), let sign = line.firstIndex(of: "=") else { continue }
            let key = line[..<sign].filter { $0 != " " && $0 != "\t" }
            let value = line[sign...].dropFirst().drop { $0 == " " || $0 == "\t" }
            guard let quote = value.first, quote == "\"" || quote == "'",
                let end = value.dropFirst().firstIndex(of: quote)
            else { continue }
            let content = value[..<end].dropFirst()
            if !content.isEmpty { result[key] = String(content) }
        }
        return result
    }
}

/// An element of a list that may not be what was expected, which does not spoil the others.
struct Lenient<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) throws {
        value = try? Value(from: decoder)
    }
}

internal import FoundationEssentials
internal import Linux

/// Names of containers from the state files of container engines. Needs no socket, only permission to read the files.
struct RuntimeState {
    /// The host's root directory; empty for `/`.
    let rootfs: String

    /// Far above any real file: a specification has some ten kilobytes, podman's list one per container.
    private static let limit = 8 << 20

    /// `/var/lib/docker/containers/ID/config.v2.json`
    func docker(_ id: String) throws(HostError) -> [String: String] {
        struct Container: Decodable {
            struct Config: Decodable {
                var image: String?
                var labels: [String: String]?
                enum CodingKeys: String, CodingKey { case image = "Image", labels = "Labels" }
            }
            var name: String?
            var config: Config?
            enum CodingKeys: String, CodingKey { case name = "Name", config = "Config" }
        }
        guard let found: Container = try read("/var/lib/docker/containers/\(id)/config.v2.json") else { return [:] }
        var facts = kubernetes(found.config?.labels ?? [:])
        facts["container.name"] = found.name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        facts["container.image.name"] = found.config?.image
        return facts
    }

    /// The bundle's specification, whose annotations the CRI plugin fills.
    func containerd(_ id: String) throws(HostError) -> [String: String] {
        let roots = [
            "/run/containerd/io.containerd.runtime.v2.task", "/run/k3s/containerd/io.containerd.runtime.v2.task",
            "/run/docker/containerd/daemon/io.containerd.runtime.v2.task",
        ]
        for root in roots {
            for namespace in ["k8s.io", "default", "moby"] {
                guard let found: Bundle = try read("\(root)/\(namespace)/\(id)/config.json") else { continue }
                var facts = kubernetes(found.annotations ?? [:])
                if facts.isEmpty { facts["container.name"] = found.annotations?["nerdctl/name"] }
                return facts
            }
        }
        return [:]
    }

    /// `/run/containers/storage/overlay-containers/ID/userdata/config.json`
    func crio(_ id: String) throws(HostError) -> [String: String] {
        let path = "/run/containers/storage/overlay-containers/\(id)/userdata/config.json"
        guard let found: Bundle = try read(path) else { return [:] }
        return kubernetes(found.annotations ?? [:])
    }

    /// The list of containers/storage, of root or of the user in whose slice the container runs.
    func podman(_ id: String, cgroupPath: String) throws(HostError) -> [String: String] {
        struct Container: Decodable {
            struct Metadata: Decodable {
                var imageName: String?
                enum CodingKeys: String, CodingKey { case imageName = "image-name" }
            }
            var id: String
            var names: [String]?
            var metadata: String?
        }
        let list = "overlay-containers/containers.json"
        var places: [(home: String?, path: String)] = [(nil, "/var/lib/containers/storage/\(list)")]
        if let home = homeDirectory(ofUserIn: cgroupPath) {
            places.insert((home, ".local/share/containers/storage/\(list)"), at: 0)
        }
        for place in places {
            let containers: [Container]? = try read(place.path, inHome: place.home)
            guard let found = containers?.first(where: { $0.id == id }) else { continue }
            var facts: [String: String] = [:]
            facts["container.name"] = found.names?.first
            let metadata = found.metadata.flatMap {
                try? JSONDecoder().decode(Container.Metadata.self, from: Data($0.utf8))
            }
            facts["container.image.name"] = metadata?.imageName
            return facts
        }
        return [:]
    }

    private struct Bundle: Decodable {
        var annotations: [String: String]?
    }

    /// The names among annotations or labels, as the CRI plugins of containerd, CRI-O and Docker write them.
    private func kubernetes(_ notes: [String: String]) -> [String: String] {
        let keys = [
            "k8s.namespace.name": ["io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace"],
            "k8s.pod.name": ["io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"],
            "k8s.container.name": ["io.kubernetes.cri.container-name", "io.kubernetes.container.name"],
            "container.image.name": ["io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"],
        ]
        let found = keys.compactMapValues { names in names.lazy.compactMap { notes[$0] }.first { !$0.isEmpty } }
        let type = notes["io.kubernetes.cri.container-type"] ?? notes["io.kubernetes.cri-o.ContainerType"]
        guard type == "sandbox" else { return found }
        // It holds the pod's namespaces open and is not one of the user's containers.
        return found.merging(["k8s.container.name": "POD"]) { $1 }
    }

    /// `/user.slice/user-1000.slice/...`: the home of user 1000.
    private func homeDirectory(ofUserIn path: String) -> String? {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
        guard let slice = parts.first(where: { $0.hasPrefix("user-") && $0.hasSuffix(".slice") }),
            let user = UInt32(slice.dropFirst(5).dropLast(6)),
            let text = try? readText(rootfs + "/etc/passwd")
        else { return nil }
        for line in lines(of: text) {
            let fields = line.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            if fields.count >= 6, UInt32(Substring(fields[2])) == user { return String(Substring(fields[5])) }
        }
        return nil
    }

    /// nil where there is no such file.
    ///
    /// - Parameter home: home directory that `path` is below, where its user may put anything; nil for a path of root's.
    private func read<T: Decodable>(_ path: String, inHome home: String? = nil) throws(HostError) -> T? {
        let bytes: [UInt8]
        do throws(HostError) {
            bytes =
                if let home {
                    try readFile(in: rootfs + home, path, limit: Self.limit)
                } else {
                    try readFile(rootfs + path, limit: Self.limit)
                }
        } catch {
            if error.code == .missing { return nil }
            throw error
        }
        do {
            return try JSONDecoder().decode(T.self, from: Data(bytes))
        } catch {
            throw HostError(
                code: .malformed, path: rootfs + (home.map { $0 + "/" } ?? "") + path,
                detail: "not the JSON that was expected")
        }
    }
}

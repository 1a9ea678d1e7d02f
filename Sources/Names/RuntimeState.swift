internal import Linux

/// Names of containers from the state files of container engines. Needs no socket, only permission to read the files.
struct RuntimeState {
    let files: HostFiles

    /// `/var/lib/docker/containers/ID/config.v2.json`, and `~/.local/share/docker/...` of rootless Docker.
    ///
    /// - Parameter user: whose container it is; nil for root.
    func docker(_ id: String, user: UInt32?) throws(HostError) -> [String: String] {
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
        var roots = dockerRoots()
        if let user {
            guard let home = files.homes(of: user).home else { return [:] }
            roots = [.user(".local/share/docker", in: home)]
        }
        var found: Container?
        var directory = roots[0]
        for root in roots where found == nil {
            directory = root.appending("containers").appending(id)
            found = try files.read("config.v2.json", in: directory)
        }
        guard let found else { return [:] }
        var facts = kubernetes(found.config?.labels ?? [:])
        facts["container.name"] = found.name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        facts["container.image.name"] = found.config?.image
        let host: HostConfiguration? = try? files.read("hostconfig.json", in: directory)
        facts["container.wasm.runtime"] = WebAssembly.runtime(
            shim: host?.runtime, annotations: host?.annotations ?? [:])
        return facts
    }

    /// Where root's Docker keeps its containers: by default, where `daemon.json` says, and in the snap. With `userns-remap`
    /// in a directory of its own, called after the first of its users and groups.
    private func dockerRoots() -> [HostFiles.Directory] {
        struct Daemon: Decodable {
            var dataRoot: String?
            enum CodingKeys: String, CodingKey { case dataRoot = "data-root" }
        }
        var roots = ["/var/lib/docker", "/var/snap/docker/common/var-lib-docker"]
        let places = ["/etc/docker", "/var/snap/docker/current/config"]
        for place in places {
            let daemon: Daemon? = try? files.read("daemon.json", in: .root(place))
            if let root = daemon?.dataRoot, root.hasPrefix("/") { roots.insert(root, at: 0) }
        }
        let remapped = roots.flatMap { root in
            files.names(in: .root(root), ending: "").filter(Self.isRemapped).prefix(8).map { "\(root)/\($0)" }
        }
        return (roots + remapped).map { .root($0) }
    }

    /// Whether a directory is called `USER.GROUP`.
    private static func isRemapped(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { UInt32(Substring($0)) != nil }
    }

    /// `hostconfig.json`
    private struct HostConfiguration: Decodable {
        /// `runc`, `io.containerd.wasmtime.v1`
        var runtime: String?
        var annotations: [String: String]?
        enum CodingKeys: String, CodingKey { case runtime = "Runtime", annotations = "Annotations" }
    }

    /// The bundle's specification, whose annotations the CRI plugin fills.
    func containerd(_ id: String) throws(HostError) -> [String: String] {
        let roots = [
            "/run/containerd/io.containerd.runtime.v2.task", "/run/k3s/containerd/io.containerd.runtime.v2.task",
            "/run/docker/containerd/daemon/io.containerd.runtime.v2.task",
            "/run/k0s/containerd/io.containerd.runtime.v2.task",
            "/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task",
            "/run/snap.docker/containerd/daemon/io.containerd.runtime.v2.task",
        ]
        for root in roots {
            let usual = ["k8s.io", "default", "moby"]
            let others = files.names(in: .root(root), ending: "").filter { !usual.contains($0) }
            for namespace in usual + others.prefix(Self.namespaceLimit) {
                let directory = HostFiles.Directory.root("\(root)/\(namespace)/\(id)")
                guard let found: Specification = try files.read("config.json", in: directory) else { continue }
                var facts = kubernetes(found.annotations ?? [:])
                if facts.isEmpty { facts["container.name"] = found.annotations?["nerdctl/name"] }
                // Since containerd 1.6.
                let shim = files.text("shim-binary-path", in: directory, limit: 4096)
                facts["container.wasm.runtime"] = found.webAssembly(shim: shim)
                return facts
            }
        }
        return [:]
    }

    private static let namespaceLimit = 32

    /// `/run/containers/storage/DRIVER-containers/ID/userdata/config.json`
    func crio(_ id: String) throws(HostError) -> [String: String] {
        var found: Specification?
        // The usual driver first, which needs no list.
        let usual = "overlay-containers"
        let root = PodmanStorage(files: files).runRoot()
        for driver in [usual] + files.names(in: .root(root), ending: "-containers").filter({ $0 != usual })
        where found == nil {
            found = try files.read("config.json", in: .root("\(root)/\(driver)/\(id)/userdata"))
        }
        guard let found else { return [:] }
        var facts = kubernetes(found.annotations ?? [:])
        facts["container.wasm.runtime"] = found.webAssembly()
        return facts
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
}

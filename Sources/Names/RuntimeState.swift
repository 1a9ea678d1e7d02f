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
        var root = HostFiles.Directory.root("/var/lib/docker")
        if let user {
            guard let home = files.homes(of: user).home else { return [:] }
            root = .user(".local/share/docker", in: home)
        }
        let directory = root.appending("containers").appending(id)
        guard let found: Container = try files.read("config.v2.json", in: directory) else { return [:] }
        var facts = kubernetes(found.config?.labels ?? [:])
        facts["container.name"] = found.name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        facts["container.image.name"] = found.config?.image
        let host: HostConfiguration? = try? files.read("hostconfig.json", in: directory)
        facts["container.wasm.runtime"] = WebAssembly.runtime(
            shim: host?.runtime, annotations: host?.annotations ?? [:])
        return facts
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
        ]
        for root in roots {
            for namespace in ["k8s.io", "default", "moby"] {
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

    /// `/run/containers/storage/overlay-containers/ID/userdata/config.json`
    func crio(_ id: String) throws(HostError) -> [String: String] {
        let directory = HostFiles.Directory.root("/run/containers/storage/overlay-containers/\(id)/userdata")
        guard let found: Specification = try files.read("config.json", in: directory) else { return [:] }
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

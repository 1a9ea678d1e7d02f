/// How container runtimes name their cgroups.
enum Runtimes {
    /// Runtimes write 64 hexadecimal digits.
    static let fullID = 64
    /// In a pod's directory the 12 digits of a shortened id are enough.
    static let shortestID = 12

    /// By what stands before the id: `PREFIX-ID.scope`.
    private static let prefixes = [
        "cri-containerd": "containerd",
        "containerd": "containerd",
        "nerdctl": "containerd",
        "crio": "cri-o",
        "docker": "docker",
        "cri-dockerd": "docker",
        "libpod": "podman",
        "libpod-payload": "podman",
    ]

    /// By the parent directory of a bare id: the cgroup parent of a runtime, or a containerd namespace.
    private static let parents = [
        "docker": "docker",
        "moby": "docker",
        "actions_job": "docker",
        "k8s.io": "containerd",
        "kata_sandboxed_pod": "kata",
    ]

    /// Whether the name is one that only a runtime of Kubernetes gives.
    static func belongsToKubernetes(_ name: Substring.UTF8View, parent: Substring.UTF8View?, runtime: String) -> Bool {
        runtime == "cri-o" || name.dropping(prefix: "cri-") != nil || parent?.equals("k8s.io") ?? false
    }

    static func isKnown(prefix: Substring.UTF8View) -> Bool {
        prefixes[String(Substring(prefix))] != nil
    }

    /// An unknown prefix is used as the runtime's name.
    static func name(ofPrefix prefix: Substring.UTF8View) -> String {
        let text = String(Substring(prefix))
        return prefixes[text] ?? text
    }

    static func name(ofParent parent: Substring.UTF8View?) -> String? {
        parent.flatMap { parents[String(Substring($0))] }
    }
}

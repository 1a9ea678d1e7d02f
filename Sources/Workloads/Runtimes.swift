/// How container runtimes name their cgroups.
enum Runtimes {
    /// Runtimes write 64 hexadecimal digits.
    static let fullID = 64
    /// Where the surroundings say that it is a container, as few digits as the shortened id that tools print will do.
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

    /// By the directory that a bare id lies in: the cgroup parent of a runtime, or containerd's name space.
    private static let parents = [
        "docker": "docker",
        "moby": "docker",
        "actions_job": "docker",
        "k8s.io": "containerd",
        "libpod_parent": "podman",
    ]

    static func isKnown(prefix: Substring.UTF8View) -> Bool {
        prefixes[String(Substring(prefix))] != nil
    }

    /// An unknown prefix is the runtime's name until the table knows better.
    static func name(ofPrefix prefix: Substring.UTF8View) -> String {
        let text = String(Substring(prefix))
        return prefixes[text] ?? text
    }

    static func name(ofParent parent: Substring.UTF8View?) -> String? {
        parent.flatMap { parents[String(Substring($0))] }
    }
}

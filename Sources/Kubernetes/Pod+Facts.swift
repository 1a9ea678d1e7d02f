internal import Names

extension Pod {
    /// Longer than any uid or container id, bytes.
    private static let longestID = 128

    /// The names of the pod and its containers, under OpenTelemetry's attribute names where they exist.
    /// Empty for an object without uid, name or namespace.
    func updates(_ configuration: KubernetesConfiguration, source: NameSource) -> [NameFeed.Update] {
        guard let uid = metadata.uid, uid.utf8.count <= Self.longestID, let name = metadata.name,
            let namespace = metadata.namespace
        else { return [] }
        var facts = ["k8s.namespace.name": namespace, "k8s.pod.name": name]
        facts["k8s.pod.qos"] = status?.qosClass
        if let owner {
            facts["k8s.owner.kind"] = owner.kind
            facts["k8s.owner.name"] = owner.name
        }
        // KubeVirt labels a pod with its guest.
        facts["vm.name"] = metadata.labels?["vm.kubevirt.io/name"] ?? metadata.labels?["kubevirt.io/domain"]
        facts["k8s.pod.cpu.request"] = request("cpu").map { Self.text($0) }
        facts["k8s.pod.memory.request"] = request("memory").map { Self.text($0) }
        for label in configuration.labels { facts["k8s.pod.label.\(label)"] = metadata.labels?[label] }
        for note in configuration.annotations { facts["k8s.pod.annotation.\(note)"] = metadata.annotations?[note] }
        var updates = cgroupUIDs(uid).map { NameFeed.Update(.pod($0), source: source, facts: facts) }
        let statuses =
            (status?.containerStatuses ?? []) + (status?.initContainerStatuses ?? [])
            + (status?.ephemeralContainerStatuses ?? [])
        for container in statuses {
            guard let id = container.containerID?.split(separator: "/").last, id.utf8.count <= Self.longestID,
                id.utf8.count >= 12
            else { continue }
            var facts = ["k8s.namespace.name": namespace, "k8s.pod.name": name]
            facts["k8s.container.name"] = container.name
            facts["container.image.name"] = container.image
            updates.append(NameFeed.Update(.container(String(id)), source: source, facts: facts))
        }
        return updates
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && value < 1e15 ? String(Int64(value)) : String(value)
    }

    /// The cgroup of a static pod is called after a hash of its manifest, not after the uid of its mirror in the API.
    private func cgroupUIDs(_ uid: String) -> [String] {
        let hash =
            metadata.annotations?["kubernetes.io/config.mirror"] ?? metadata.annotations?["kubernetes.io/config.hash"]
        guard let hash, hash != uid, hash.utf8.count <= Self.longestID else { return [uid] }
        return [uid, hash]
    }
}

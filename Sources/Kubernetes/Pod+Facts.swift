internal import Names

extension Pod {
    /// The names of the pod and its containers, under OpenTelemetry's attribute names where they exist.
    /// Empty for an object without uid, name or namespace.
    func updates(_ configuration: KubernetesConfiguration, source: NameSource) -> [NameFeed.Update] {
        guard let uid = metadata.uid, let name = metadata.name, let namespace = metadata.namespace else { return [] }
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
            guard let id = container.containerID?.split(separator: "/").last, id.count >= 12 else { continue }
            var facts = [
                "k8s.namespace.name": namespace, "k8s.pod.name": name, "k8s.container.name": container.name,
            ]
            facts["container.image.name"] = container.image
            updates.append(NameFeed.Update(.container(String(id)), source: source, facts: facts))
        }
        return updates
    }

    /// The cgroup of a static pod is called after a hash of its manifest, not after the uid of its mirror in the API.
    private func cgroupUIDs(_ uid: String) -> [String] {
        let hash =
            metadata.annotations?["kubernetes.io/config.mirror"] ?? metadata.annotations?["kubernetes.io/config.hash"]
        return hash.map { $0 == uid ? [uid] : [uid, $0] } ?? [uid]
    }

    /// The owner that a person would name: the Deployment of a ReplicaSet, the CronJob of a Job. Derived from the rules by
    /// which controllers name their objects, so that no permission to read those is needed.
    var owner: (kind: String, name: String)? {
        let references = metadata.ownerReferences ?? []
        guard let owner = references.first(where: { $0.controller == true }) ?? references.first, owner.kind != "Node"
        else { return nil }
        switch owner.kind {
        case "ReplicaSet":
            // NAME-HASH, and the pod has the hash as a label.
            if let hash = metadata.labels?["pod-template-hash"], owner.name.hasSuffix("-\(hash)") {
                return ("Deployment", String(owner.name.dropLast(hash.count + 1)))
            }
            if let hash = metadata.labels?["rollouts-pod-template-hash"], owner.name.hasSuffix("-\(hash)") {
                return ("Rollout", String(owner.name.dropLast(hash.count + 1)))
            }
        case "Job":
            // NAME-MINUTES since 1970, before Kubernetes 1.21 seconds.
            if let dash = owner.name.lastIndex(of: "-") {
                let digits = owner.name[owner.name.index(after: dash)...]
                let isTime = (8...10).contains(digits.count) && digits.allSatisfy { $0.isASCII && $0.isNumber }
                if isTime, dash > owner.name.startIndex { return ("CronJob", String(owner.name[..<dash])) }
            }
        default: break
        }
        return (owner.kind, owner.name)
    }

    /// What the scheduler reserves for the pod: its containers and those init containers that keep running
    /// together, or the largest of the other init containers. nil where nothing is requested.
    func request(_ resource: String) -> Double? {
        func amount(_ container: Container) -> Double {
            let value = container.resources?.requests?[resource]?.value ?? 0
            return value.isFinite ? value : 0
        }
        let lasting = (spec?.initContainers ?? []).filter { $0.restartPolicy == "Always" }
        let passing = (spec?.initContainers ?? []).filter { $0.restartPolicy != "Always" }
        let sum = ((spec?.containers ?? []) + lasting).reduce(0) { $0 + amount($1) }
        let needed = max(sum, passing.map(amount).max() ?? 0)
        return needed > 0 ? needed : nil
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && value < 1e15 ? String(Int64(value)) : String(value)
    }
}

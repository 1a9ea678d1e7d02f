extension Pod {
    /// The owner that a person would name: the Deployment of a ReplicaSet, the CronJob of a Job. Derived from the rules by
    /// which controllers name their objects, so that no permission to read those is needed.
    var owner: (kind: String, name: String)? {
        let references = metadata.ownerReferences ?? []
        guard let owner = references.first(where: { $0.controller == true }) ?? references.first, owner.kind != "Node"
        else { return nil }
        switch owner.kind {
        case "ReplicaSet":
            // NAME-HASH, and the pod has the hash as a label.
            if let name = Self.prefix(of: owner.name, before: metadata.labels?["pod-template-hash"]) {
                return ("Deployment", name)
            }
            if let name = Self.prefix(of: owner.name, before: metadata.labels?["rollouts-pod-template-hash"]) {
                return ("Rollout", name)
            }
        case "ReplicationController":
            // Of OpenShift.
            if let name = metadata.annotations?["openshift.io/deployment-config.name"], owner.name.hasPrefix(name + "-")
            {
                return ("DeploymentConfig", name)
            }
        case "Job":
            if let dash = owner.name.lastIndex(of: "-"), dash > owner.name.startIndex,
                Self.isScheduledTime(owner.name[owner.name.index(after: dash)...])
            {
                return ("CronJob", String(owner.name[..<dash]))
            }
        default: break
        }
        return (owner.kind, owner.name)
    }

    private static func prefix(of name: String, before hash: String?) -> String? {
        guard let hash, !hash.isEmpty, name.hasSuffix("-\(hash)"), name.count > hash.count + 1 else { return nil }
        return String(name.dropLast(hash.count + 1))
    }

    /// Whether a CronJob would have put it at the end of a Job's name: minutes since 1970, before Kubernetes 1.21 seconds.
    /// Minutes of the years 2021 to 2046, which no date written as YYYYMMDD is, and seconds of 2017 to 2027.
    private static func isScheduledTime(_ text: Substring) -> Bool {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            text.utf8.first != UInt8(ascii: "0"),
            let number = UInt64(text)
        else { return false }
        return (27_000_000...40_000_000).contains(number) || (1_500_000_000...1_800_000_000).contains(number)
    }
}

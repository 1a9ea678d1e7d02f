internal import Ledger
internal import Workloads

extension Workload {
    /// For display: its name, else what its path contains.
    var title: String {
        let names =
            switch identity.kind {
            case .container: ["k8s.container.name", "container.name"]
            case .pod: ["k8s.pod.name"]
            case .vm: ["vm.name"]
            case .job, .unit, .slice, .cgroup, .namespace: [String]()
            }
        return names.lazy.compactMap { facts[$0] }.first ?? identity.name
    }

    /// What is known of it, under OpenTelemetry's attribute names where there are such; a source's word counts more
    /// than the path.
    var attributes: [String: String] {
        let isPlain =
            identity.podUID == nil && identity.userID == nil && ![.container, .job, .namespace].contains(identity.kind)
        // One storage for all that have nothing but their facts.
        if isPlain, identity.outerContainerID == nil { return facts }
        return identity.labels.merging(facts) { $1 }
    }
}

package import Snapshot

extension HistoryWorkload {
    /// What a workload of a snapshot is remembered as.
    ///
    /// - Parameter pod: that it lies in: only the pod has the names of its owner, and its labels.
    package init(_ workload: Snapshot.Workload, in pod: Snapshot.Workload? = nil) {
        kind = workload.kind
        let labels = pod.map { workload.labels.merging($0.labels) { own, _ in own } } ?? workload.labels
        namespace = labels["k8s.namespace.name"]
        let isOfPod = kind == "pod" || labels["k8s.pod.name"] != nil || labels["k8s.pod.uid"] != nil
        guard isOfPod else {
            if kind == "namespace" {
                namespace = workload.name
            } else if kind == "container" {
                // Without a name of its own it has that of its id.
                container = workload.name
            } else {
                path = Self.lastingPath(workload.cgroupPath.isEmpty ? workload.name : workload.cgroupPath)
            }
            return
        }
        ownerKind = labels["k8s.owner.kind"]
        ownerName = labels["k8s.owner.name"]
        self.pod = labels["k8s.pod.name"] ?? labels["k8s.pod.uid"]
        if kind == "container" { container = workload.name }
        for (name, value) in labels where name.hasPrefix(Self.labelPrefix) {
            self.labels[String(name.dropFirst(Self.labelPrefix.count))] = value
        }
    }

    private static let labelPrefix = "k8s.pod.label."

    /// Of cgroups that `energyctl run` makes.
    private static let runPrefix = "energyd-run-"

    /// The path with a `*` for the number of a scope or a transient unit, of which each login and each `systemd-run` makes
    /// a new one; the same of cgroups of `energyctl run`.
    private static func lastingPath(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        let name = path[path.index(after: slash)...]
        if name.hasPrefix(runPrefix) { return "\(path[...slash])\(runPrefix)*" }
        guard let dot = name.lastIndex(of: "."), [".scope", ".service"].contains(name[dot...]),
            let dash = name[..<dot].lastIndex(of: "-")
        else { return path }
        let number = name[name.index(after: dash)..<dot]
        let stem = name[..<dash]
        let isNumbered =
            stem == "session" && number.allSatisfy(\.isNumber)
            || stem.hasPrefix("run") && number.first.map { "rpu0123456789".contains($0) } == true
                && number.dropFirst().allSatisfy(\.isHexDigit)
        return isNumbered && !number.isEmpty ? "\(path[...slash])\(stem)-*\(name[dot...])" : path
    }
}

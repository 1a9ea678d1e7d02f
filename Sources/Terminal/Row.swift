import Snapshot

/// One row of a table. Nil is unknown, which is not the same as none.
package struct Row: Sendable, Equatable {
    package var id: String
    package var kind: String
    package var name: String
    /// What else distinguishes it: namespace and pod, cgroup path.
    package var detail: String
    /// Mean power, W.
    package var watts: Double?
    /// Mean number of busy CPUs.
    package var cpus: Double?
    /// Since the agent started, J.
    package var joules: Double?
    /// Levels below the root of the tree.
    package var depth = 0
    /// Its figures include those of rows below it.
    package var isParent = false
    package var isAlive = true
    /// What the filter looks at besides name, kind and detail.
    package var keywords: [String] = []

    /// True if `text` occurs anywhere in it, whatever the case.
    package func matches(_ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        let needle = text.lowercased()
        return ([name, kind, detail] + keywords).contains { $0.lowercased().contains(needle) }
    }

    /// The order for `key`: unknown values last whichever way, equal ones by name, so that rows do not jump about.
    package static func comes(_ a: Row, before b: Row, by key: SortKey, isReversed: Bool) -> Bool {
        let (x, y): (Double?, Double?) =
            switch key {
            case .watts: (a.watts, b.watts)
            case .cpu: (a.cpus, b.cpus)
            case .joules: (a.joules, b.joules)
            case .name: (nil, nil)
            }
        switch (x, y) {
        case (let x?, let y?) where x != y: return (x > y) != isReversed
        case (_?, nil): return true
        case (nil, _?): return false
        default: break
        }
        // Without power, the busiest are the most informative.
        if key == .watts, let x = a.cpus, let y = b.cpus, x != y { return (x > y) != isReversed }
        let isReversed = isReversed && key == .name
        return a.name == b.name ? a.id < b.id : (a.name < b.name) != isReversed
    }
}

extension Row {
    /// `power` and `cpus` are left out before the first window has passed.
    init(_ workload: Snapshot.Workload, hasWindow: Bool) {
        let labels = workload.labels
        let user = labels["user.name"] ?? labels["user.id"].map { "user \($0)" }
        var detail = [labels["k8s.namespace.name"], labels["k8s.pod.name"], labels["job.system"], user].compactMap(
            \.self
        )
        .filter { $0 != workload.name }.joined(separator: "/")
        if workload.cgroupPath != workload.name, !workload.cgroupPath.isEmpty {
            detail += (detail.isEmpty ? "" : "  ") + workload.cgroupPath
        }
        self.init(
            id: workload.id, kind: workload.kind, name: workload.name, detail: detail,
            watts: Self.known(workload.powerWatts, if: hasWindow),
            cpus: Self.known(workload.cpuUsage, if: hasWindow),
            joules: Self.joules(workload.zones), isAlive: workload.isAlive, keywords: Array(labels.values))
    }

    /// `owner` is the workload it belongs to.
    init(_ process: Snapshot.Process, owner: String, hasWindow: Bool) {
        self.init(
            id: "process \(process.pid)", kind: "process", name: process.comm, detail: "pid \(process.pid)  \(owner)",
            watts: Self.known(process.powerWatts, if: hasWindow),
            cpus: Self.known(process.cpuUsage, if: hasWindow), joules: Self.joules(process.zones))
    }

    /// An owner, or the value of a label.
    init(_ aggregate: Snapshot.Aggregate, hasWindow: Bool) {
        let isOwner = aggregate.kind == "owner"
        let names = isOwner ? ["k8s.owner.kind", "k8s.owner.name"] : ["energyd.label.value"]
        self.init(
            id: "\(aggregate.kind) \(aggregate.name)", kind: aggregate.kind,
            name: names.compactMap { aggregate.labels[$0] }.joined(separator: "/"),
            detail: aggregate.labels["k8s.namespace.name"] ?? "",
            watts: Self.known(aggregate.powerWatts, if: hasWindow),
            cpus: Self.known(aggregate.cpuUsage, if: hasWindow), joules: Self.joules(aggregate.zones))
    }

    private static func known(_ value: Double?, if hasWindow: Bool) -> Double? {
        hasWindow ? value.flatMap { $0.isFinite ? $0 : nil } : nil
    }

    /// Nil without any zone: no meter and no model is not an energy of zero.
    private static func joules(_ zones: NamedValues<Snapshot.ZoneEnergy>) -> Double? {
        guard !zones.isEmpty else { return nil }
        return zones.values.reduce(0) { $0 + (Double($1.dynamicMicrojoules) + Double($1.staticMicrojoules)) / 1e6 }
    }
}

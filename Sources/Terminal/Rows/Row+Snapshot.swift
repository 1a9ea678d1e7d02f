import Snapshot

extension Snapshot.ZoneEnergy {
    /// All of it, J.
    var joules: Double { (Double(dynamicMicrojoules) + Double(staticMicrojoules)) / 1e6 }
}

extension Row {
    /// `power` and `cpus` are left out before the first window has passed.
    init(_ workload: Snapshot.Workload, hasWindow: Bool) {
        let labels = workload.labels
        let user = labels["user.name"] ?? labels["user.id"].map { "user \($0)" }
        let places = [
            labels[Fleet.nodeLabel], labels["k8s.namespace.name"], labels["k8s.pod.name"], labels["job.system"], user,
        ]
        .compactMap(\.self).filter { $0 != workload.name }
        var detail = places.joined(separator: "/")
        if workload.kind == Fleet.kind { detail = "" }
        if workload.cgroupPath != workload.name, !workload.cgroupPath.isEmpty {
            detail += (detail.isEmpty ? "" : "  ") + workload.cgroupPath
        }
        self.init(
            id: workload.id, kind: workload.kind, name: workload.name, detail: detail,
            watts: Self.known(workload.powerWatts, if: hasWindow),
            cpus: Self.known(workload.cpuUsage, if: hasWindow),
            joules: Self.joules(workload.zones), isAlive: workload.isAlive)
        zones = workload.zones
        cpuSeconds = workload.cpuSeconds
        grams = workload.emissionsGrams
        self.labels = labels
        path = workload.cgroupPath
        isPart = workload.kind == "part"
        if isPart { cpus = nil }
        place = places.isEmpty ? Self.directory(workload.cgroupPath) : places.joined(separator: "/")
    }

    /// Of a process; `owner` is the workload it belongs to, `path` that workload with all that identifies it.
    init(_ process: Snapshot.Process, owner: String, path: String? = nil, hasWindow: Bool) {
        self.init(
            id: Self.id(process), kind: "process", name: process.comm, detail: "pid \(process.pid)  \(owner)",
            watts: Self.known(process.powerWatts, if: hasWindow),
            cpus: Self.known(process.cpuUsage, if: hasWindow), joules: Self.joules(process.zones))
        zones = process.zones
        cpuSeconds = process.cpuSeconds
        grams = process.emissionsGrams
        pid = process.pid
        place = "pid \(process.pid)  \(path ?? owner)"
    }

    /// An owner, or the value of a label.
    init(_ aggregate: Snapshot.Aggregate, hasWindow: Bool) {
        let isOwner = aggregate.kind == "owner"
        let names = isOwner ? ["k8s.owner.kind", "k8s.owner.name"] : ["energyd.label.value"]
        self.init(
            id: Self.id(aggregate), kind: aggregate.kind,
            name: names.compactMap { aggregate.labels[$0] }.joined(separator: "/"),
            detail: aggregate.labels["k8s.namespace.name"] ?? "",
            watts: Self.known(aggregate.powerWatts, if: hasWindow),
            cpus: Self.known(aggregate.cpuUsage, if: hasWindow), joules: Self.joules(aggregate.zones))
        zones = aggregate.zones
        cpuSeconds = aggregate.cpuSeconds
        grams = aggregate.emissionsGrams
        labels = aggregate.labels
    }

    /// A process that was moved has a row for each cgroup.
    static func id(_ process: Snapshot.Process) -> String { "process \(process.pid) \(process.cgroupId ?? 0)" }

    static func id(_ aggregate: Snapshot.Aggregate) -> String { "\(aggregate.kind) \(aggregate.name)" }

    private static func known(_ value: Double?, if hasWindow: Bool) -> Double? {
        hasWindow ? value.flatMap { $0.isFinite ? $0 : nil } : nil
    }

    /// `/a/b` of `/a/b/c`; empty where there is nothing above.
    private static func directory(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    /// Nil without any zone: no meter and no model is not an energy of zero.
    static func joules(_ zones: NamedValues<Snapshot.ZoneEnergy>) -> Double? {
        guard !zones.isEmpty else { return nil }
        return zones.values.reduce(0) { $0 + $1.joules }
    }
}

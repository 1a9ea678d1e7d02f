internal import Snapshot

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
    /// The same by zone; empty where that is not known.
    var zones = Row.noZones
    private static let noZones = NamedValues<Snapshot.ZoneEnergy>(names: [], values: [])
    /// Levels below the root of the tree.
    package var depth = 0
    /// Its figures include those of rows below it.
    package var isParent = false
    package var isAlive = true
    /// CPU time since the agent started, s.
    var cpuSeconds: Double?
    /// Emissions since the agent started, g.
    var grams: Double?
    var pid: Int32?
    /// What identifies it where rows of one kind stand side by side: namespace and pod of a container, PID and workload
    /// of a process.
    var place = ""
    /// Of its cgroup.
    var path = ""
    /// By OpenTelemetry attribute name.
    var labels: [String: String] = [:]
    /// Whether the rows below it are shown.
    var fold = Fold.none
    /// A part of the node that is no workload.
    var isPart = false
    /// Mean power between the last mark but one and the last, W.
    var wattsBefore: Double?

    enum Fold: Sendable, Equatable {
        /// There are none.
        case none
        case open, closed
    }

    /// True if `text` occurs anywhere in it, whatever the case.
    func contains(_ text: String) -> Bool {
        let needle = text.lowercased()
        return [name, kind, detail, place].contains { $0.lowercased().contains(needle) }
            || labels.values.contains { $0.lowercased().contains(needle) }
    }

    /// What `key` compares; nil where it is not known, or not a number.
    func value(_ key: SortKey) -> Double? {
        switch key {
        case .watts: watts
        case .cpu: cpus
        case .joules: joules
        case .grams: grams
        case .name, .kind: nil
        }
    }

    /// The order for `key`: unknown values last whichever way, equal ones by name, so that rows do not jump about.
    package static func comes(_ a: Row, before b: Row, by key: SortKey, isReversed: Bool) -> Bool {
        switch (a.value(key), b.value(key)) {
        case (let x?, let y?) where x != y: return (x > y) != isReversed
        case (_?, nil): return true
        case (nil, _?): return false
        default: break
        }
        // Without power, the busiest are the most informative.
        if key == .watts, let x = a.cpus, let y = b.cpus, x != y { return (x > y) != isReversed }
        let isReversed = isReversed && (key == .name || key == .kind)
        if key == .kind, a.kind != b.kind { return (a.kind < b.kind) != isReversed }
        return a.name == b.name ? a.id < b.id : (a.name < b.name) != isReversed
    }
}

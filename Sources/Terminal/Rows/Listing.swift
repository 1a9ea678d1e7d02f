import Snapshot

/// The rows of the live view, what was left out of them, and what they add up to.
struct Listing {
    /// Below this power, W, and this use of a CPU, a row is one of the small.
    static let smallWatts = 0.05
    static let smallCPUs = 0.01

    var rows: [Row]
    /// With the small ones, in their order.
    let arranged: [Row]
    /// How many small ones are not shown, and their power together, W.
    var small: (count: Int, watts: Double?)
    /// The whole node.
    var sum: Row

    init(_ snapshot: Snapshot, model: TopModel, mark: SinceMark? = nil) {
        var rows: [Row]
        if model.grouping == .all {
            rows = Rows.liveTree(snapshot, model: model)
        } else {
            rows = Rows.ungrouped(snapshot, model: model)
        }
        if model.sinceMark, let mark {
            for index in rows.indices { mark.apply(to: &rows[index], at: snapshot.unixTime) }
        }
        if model.grouping != .all {
            rows = model.order.arranged(rows, sort: model.sort, isReversed: model.isReversed)
        }
        for index in rows.indices where rows[index].path == "/" && rows[index].kind == "cgroup" {
            rows[index].name = Rows.hostTitle
        }
        small = (0, nil)
        self.rows = rows
        arranged = rows
        sum = Self.whole(snapshot)
        if !model.showsSmall, model.filter.isEmpty, model.limit == nil { foldSmall() }
        if let limit = model.limit { self.rows = Array(self.rows.prefix(limit)) }
        if model.filter.isEmpty, model.limit == nil { addParts(snapshot, model: model) }
        if model.sinceMark, let mark {
            mark.apply(to: &sum, at: snapshot.unixTime)
            for index in self.rows.indices where self.rows[index].isPart {
                mark.apply(to: &self.rows[index], at: snapshot.unixTime)
            }
        }
    }

    /// Leaves out the rows that use next to nothing, unless there is something below them that does.
    private mutating func foldSmall() {
        var kept: [Row] = []
        // The depth of the row before which something is kept; its parents, which come first, stay.
        var needed = -1
        var watts: Double?
        var count = 0
        for row in rows.reversed() {
            let isNeeded = row.depth < needed
            if isNeeded || !Self.isSmall(row) {
                kept.append(row)
                needed = row.depth
            } else {
                count += 1
                if row.depth == 0, let more = row.watts { watts = (watts ?? 0) + more }
            }
        }
        // A line for one row would take as much room as the row.
        guard count > 1 else { return }
        rows = kept.reversed()
        small = (count, watts)
    }

    static func isSmall(_ row: Row) -> Bool {
        // One that does not answer must be seen.
        if row.kind == Fleet.kind { return false }
        if let watts = row.watts { return watts < smallWatts && (row.cpus ?? 0) < smallCPUs }
        return row.cpus.map { $0 < smallCPUs } ?? false
    }

    /// What makes the column add up to the node: idle, kernel threads and the unattributed in the tree, and everything
    /// that has no row of its own elsewhere.
    private mutating func addParts(_ snapshot: Snapshot, model: TopModel) {
        guard Rows.hasWindow(snapshot), sum.watts != nil, !rows.contains(where: { $0.kind == Fleet.kind }) else {
            return
        }
        if model.grouping == .all {
            rows += [
                Self.part("idle", "what the machine draws whether or not anything runs", snapshot.node.idle),
                Self.part("kernel threads", "of the system", snapshot.node.system),
                Self.part("unattributed", "cannot be given to any workload", snapshot.node.unattributed),
            ]
        } else if let whole = sum.watts, !rows.isEmpty {
            var shown = Set(rows.map(\.id))
            // What is part of another row that is shown counts once.
            let parents = Dictionary(snapshot.workloads.map { ($0.id, $0.parentId) }) { first, _ in first }
            for row in rows {
                var next = parents[row.id] ?? nil
                var steps = 0
                while let parent = next, steps < 256 {
                    if shown.contains(parent) {
                        shown.remove(row.id)
                        break
                    }
                    next = parents[parent] ?? nil
                    steps += 1
                }
            }
            let known = rows.reduce(small.watts ?? 0) { $0 + (shown.contains($1.id) ? $1.watts ?? 0 : 0) }
            var rest = Row(id: "part rest", kind: "part", name: "everything else", detail: "")
            rest.place = "other workloads, idle, kernel threads"
            rest.watts = max(0, whole - known)
            rest.isPart = true
            rows.append(rest)
        }
    }

    private static func part(_ name: String, _ place: String, _ bucket: Snapshot.Bucket) -> Row {
        var row = Row(id: "part \(name)", kind: "part", name: name, detail: "", watts: bucket.powerWatts)
        row.joules = bucket.zones.isEmpty ? nil : bucket.zones.values.reduce(0) { $0 + Double($1) / 1e6 }
        row.zones = NamedValues(bucket.zones.map { ($0, $1) })
        row.grams = bucket.emissionsGrams
        row.place = place
        row.isPart = true
        return row
    }

    private static func whole(_ snapshot: Snapshot) -> Row {
        let node = snapshot.node
        var row = Row(id: "node", kind: "node", name: node.name, detail: "", watts: NodeRates(snapshot).watts)
        row.cpus = Rows.hasWindow(snapshot) ? CPUUse(snapshot).cpus : nil
        row.joules = node.zones.isEmpty ? nil : node.zones.reduce(0) { $0 + Double($1.energyMicrojoules) / 1e6 }
        row.zones = NamedValues(node.zones.map { ($0.name, $0.energyMicrojoules) })
        row.grams = node.emissionsGrams
        row.cpuSeconds = node.cpuSeconds
        row.isPart = true
        return row
    }
}

/// How many CPUs were busy, as far as that can be told apart from the reading of the counters.
struct CPUUse {
    /// Mean number of busy CPUs.
    let cpus: Double

    /// CPU time is read counter by counter, each at a moment of its own, and set against a window that ends in the middle
    /// of the reading. So that of fully busy CPUs may exceed the window by the time that reading took, twice, and by one
    /// tick of the kernel's accounting: up to there the machine was busy, and no more than that is known. What exceeds
    /// it by more is shown as it is.
    init(_ snapshot: Snapshot) {
        let count = Double(snapshot.node.cpuCount)
        let usage = snapshot.node.cpuUsage
        let window = max(snapshot.windowSeconds, 0.001)
        // Two readings bound a window; a tick is at most 10 ms.
        let doubt = count * (2 * snapshot.agent.drainSeconds + 0.01) / window
        cpus = usage > count && usage <= count + doubt ? count : usage
    }
}

extension NamedValues<Snapshot.ZoneEnergy> {
    /// Energies that are not divided, uJ.
    fileprivate init(_ zones: [(name: String, microjoules: UInt64)]) {
        self.init(
            names: zones.map(\.name),
            values: zones.map { Snapshot.ZoneEnergy(dynamicMicrojoules: $0.microjoules, staticMicrojoules: 0) })
    }
}

import Snapshot

extension Rows {
    /// All workloads as the tree they form, siblings sorted. What is shown brings its parents along.
    static func tree(_ snapshot: Snapshot, model: TopModel) -> [Row] {
        var tree = WorkloadTree(snapshot, model: model)
        return tree.walk { siblings, rows in siblings.sorted { comes(rows[$0], before: rows[$1], model) } }
    }

    /// The same for the live view: in the order of the frame before where that still holds, folded as the user has it,
    /// with processes where he has unfolded them, and chains of only children as one row.
    static func liveTree(_ snapshot: Snapshot, model: TopModel) -> [Row] {
        var tree = WorkloadTree(snapshot, model: model)
        tree.addProcesses(snapshot, below: model.filter.isEmpty ? model.toggled : [])
        return tree.walk(isFolded: { model.filter.isEmpty && model.isFolded($0) }, joinsChains: true) {
            model.order.places(of: $0, in: $1, sort: model.sort, isReversed: model.isReversed)
        }
    }
}

/// Workloads and what is below them, by index.
private struct WorkloadTree {
    private var rows: [Row]
    private var children: [Int: [Int]] = [:]
    private var roots: [Int] = []
    private let shown: [Int]

    init(_ snapshot: Snapshot, model: TopModel) {
        let hasWindow = Rows.hasWindow(snapshot)
        var rows = snapshot.workloads.map { Row($0, hasWindow: hasWindow) }
        let indices = Dictionary(rows.indices.map { (rows[$0].id, $0) }) { first, _ in first }
        let parents = snapshot.workloads.map { $0.parentId.flatMap { indices[$0] } }
        let filter = RowFilter(parsing: model.filter)

        var isShown = [Bool](repeating: false, count: rows.count)
        for index in rows.indices
        where (rows[index].isAlive || model.showsEnded)
            && filter.matches(rows[index], nodeWatts: snapshot.node.powerWatts)
        {
            // Stops at the first ancestor that is shown already, so that a circle ends too.
            var next: Int? = index
            while let current = next, !isShown[current] {
                isShown[current] = true
                next = parents[current]
            }
        }
        let shown = isShown.indices.filter { isShown[$0] }
        self.shown = shown
        for index in shown {
            if let parent = parents[index] {
                children[parent, default: []].append(index)
                rows[parent].isParent = true
                rows[parent].fold = .open
            } else {
                roots.append(index)
            }
        }
        self.rows = rows
    }

    /// Processes below the workloads without others in them, for those of `unfolded`.
    mutating func addProcesses(_ snapshot: Snapshot, below unfolded: Set<String>) {
        guard !snapshot.processes.isEmpty else { return }
        let hasWindow = Rows.hasWindow(snapshot)
        var leaves: [String: Int] = [:]
        for index in shown where children[index] == nil { leaves[rows[index].id] = index }
        for process in snapshot.processes {
            guard let owner = leaves[process.workloadId] else { continue }
            if unfolded.contains(process.workloadId) {
                var row = Row(process, owner: rows[owner].name, hasWindow: hasWindow)
                row.place = "pid \(process.pid)"
                children[owner, default: []].append(rows.count)
                rows.append(row)
                rows[owner].fold = .open
            } else {
                rows[owner].fold = .closed
            }
        }
    }

    /// Depth first, without recursion: anyone who may create cgroups decides how deep the tree is.
    ///
    /// - Parameter arrange: brings indices of siblings among all rows into their order.
    mutating func walk(
        isFolded: (Row) -> Bool = { _ in false }, joinsChains: Bool = false, arrange: ([Int], [Row]) -> [Int]
    ) -> [Row] {
        // Last comes first off the stack.
        func stacked(_ siblings: [Int]) -> [Int] {
            siblings.count < 2 ? siblings : arrange(siblings, rows).reversed()
        }
        var out: [Row] = []
        var isDone = [Bool](repeating: false, count: rows.count)
        // What is left after the roots is part of a cycle of parents; it is still shown.
        for start in [roots] + shown.map({ [$0] }) {
            var stack = stacked(start).map { (index: $0, depth: 0) }
            while let (first, depth) = stack.popLast() {
                guard !isDone[first] else { continue }
                var index = first
                isDone[index] = true
                var name = rows[index].name
                while joinsChains, let only = children[index], only.count == 1, !isDone[only[0]],
                    isSame(rows[index], rows[only[0]]), !isFolded(rows[index])
                {
                    index = only[0]
                    isDone[index] = true
                    name += (name.hasSuffix("/") ? "" : "/") + rows[index].name
                }
                var row = rows[index]
                (row.name, row.depth) = (name, depth)
                if row.fold == .open, isFolded(row) { row.fold = .closed }
                out.append(row)
                if row.fold != .closed {
                    stack += stacked(children[index] ?? []).map { (index: $0, depth: depth + 1) }
                } else {
                    finish(below: index, &isDone)
                }
            }
        }
        return out
    }

    /// Marks everything below a folded row as shown.
    private func finish(below index: Int, _ isDone: inout [Bool]) {
        var stack = children[index] ?? []
        while let next = stack.popLast() {
            guard !isDone[next] else { continue }
            isDone[next] = true
            stack += children[next] ?? []
        }
    }

    /// True where a parent has nothing that its only child has not, so that one row says all.
    private func isSame(_ parent: Row, _ child: Row) -> Bool {
        func isClose(_ a: Double?, _ b: Double?) -> Bool {
            guard let a, let b else { return a == nil && b == nil }
            return abs(a - b) <= 0.01 * max(abs(a), abs(b)) + 0.001
        }
        guard child.kind != "process", parent.kind != "namespace", parent.kind != Fleet.kind else { return false }
        return isClose(parent.watts, child.watts) && isClose(parent.cpus, child.cpus)
            && isClose(parent.joules, child.joules)
    }
}

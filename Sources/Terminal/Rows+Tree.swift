import Snapshot

extension Rows {
    /// All workloads as the tree they form, siblings sorted. What is shown brings its parents along.
    static func tree(_ snapshot: Snapshot, model: TopModel) -> [Row] {
        let hasWindow = hasWindow(snapshot)
        var rows = snapshot.workloads.map { Row($0, hasWindow: hasWindow) }
        let indices = Dictionary(rows.indices.map { (rows[$0].id, $0) }) { first, _ in first }
        let parents = snapshot.workloads.map { $0.parentId.flatMap { indices[$0] } }

        var isShown = [Bool](repeating: false, count: rows.count)
        for index in rows.indices where (rows[index].isAlive || model.showsEnded) && rows[index].matches(model.filter) {
            // Stops at the first ancestor that is shown already, so that a circle ends too.
            var next: Int? = index
            while let current = next, !isShown[current] {
                isShown[current] = true
                next = parents[current]
            }
        }

        var children: [Int: [Int]] = [:]
        var roots: [Int] = []
        for index in rows.indices where isShown[index] {
            if let parent = parents[index] {
                children[parent, default: []].append(index)
                rows[parent].isParent = true
            } else {
                roots.append(index)
            }
        }
        // What is left after the roots is part of a cycle of parents; it is still shown.
        return walk(rows, from: [roots] + rows.indices.lazy.filter { isShown[$0] }.map { [$0] }, children, model)
    }

    /// Depth first, without recursion: anyone who may create cgroups decides how deep the tree is.
    private static func walk(
        _ rows: [Row], from starts: [[Int]], _ children: [Int: [Int]], _ model: TopModel
    ) -> [Row] {
        // Last comes first off the stack.
        func stacked(_ indices: [Int]) -> [Int] {
            indices.sorted {
                Row.comes(rows[$1], before: rows[$0], by: model.sort, isReversed: model.isReversed)
            }
        }
        var out: [Row] = []
        var isDone = [Bool](repeating: false, count: rows.count)
        for start in starts {
            var stack = stacked(start).map { (index: $0, depth: 0) }
            while let (index, depth) = stack.popLast() {
                guard !isDone[index] else { continue }
                isDone[index] = true
                var row = rows[index]
                row.depth = depth
                out.append(row)
                stack += stacked(children[index] ?? []).map { (index: $0, depth: depth + 1) }
            }
        }
        return out
    }
}

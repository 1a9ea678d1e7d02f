internal import Linux

/// The cgroups that a walk could not look into: who is not found may be below one of them.
struct UnreadPaths {
    private let paths: Set<String>

    init(_ nodes: [CgroupTree.Node]) {
        paths = Set(nodes.lazy.filter(\.isUnread).map(\.path))
    }

    var count: Int { paths.count }

    func mayHold(_ path: String) -> Bool {
        guard !paths.isEmpty else { return false }
        return paths.contains("/") || path.pathsAbove.contains { paths.contains($0) }
    }
}

extension String {
    /// Of a cgroup's path, the number of slashes: how far it is from the root.
    package var depth: Int { utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "/") ? 1 : 0) } }

    /// Of a cgroup's path, that of what it lies in; `/` for the root itself.
    package var pathAbove: String { pathsAbove.first { _ in true } ?? "/" }

    /// The paths between this one and the root, nearest first, both excluded. By bytes: a slash with a combining mark is
    /// another `Character` than a slash.
    package var pathsAbove: some Sequence<String> {
        sequence(state: utf8[...]) { rest in
            guard let slash = rest.lastIndex(of: UInt8(ascii: "/")), slash > rest.startIndex else { return nil }
            rest = rest[..<slash]
            return String(Substring(rest))
        }
    }
}

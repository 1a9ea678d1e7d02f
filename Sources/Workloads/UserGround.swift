package import Linux

/// Where on a path the directories of another user than root begin. In them that user may make a cgroup of any name, so
/// a name alone proves nothing there.
package struct UserGround: Hashable, Sendable {
    /// Components, from the root on, that only root can have made: their parent directory is root's.
    package let depth: Int
    /// Whom the first directory belongs to that is not root's; nil where that cannot be found out.
    package let user: UInt32?

    package init(depth: Int, user: UInt32?) {
        self.depth = depth
        self.user = user
    }

    /// Looks up who may make directories where on the way to a cgroup. nil where only root may. A directory that is gone
    /// proves nothing: from there on the owner is unknown. Where not even the first is there, the mounted hierarchy is only
    /// a part of the machine's (a cgroup namespace), and only a `user@UID.service` on the path shows that it is a user's.
    ///
    /// What lies in a directory of root's in which a group or everybody may make some is whose it is: who makes one has it.
    /// The answer depends on the cgroup's own directory then, see ``isShared(_:below:access:)``, else only on those above.
    ///
    /// Complexity: one `stat` for each directory and hierarchy, from the root to the first that is not root's.
    ///
    /// - Parameters:
    ///   - path: normalised.
    ///   - roots: where the hierarchies are mounted.
    ///   - accounts: those of ``platformAccounts`` that this machine has, by name.
    ///   - access: who may make directories in one.
    package init?(
        of path: String, below roots: [String], accounts: [String: UInt32] = [:],
        access: (String) -> DirectoryAccess? = { DirectoryAccess(of: $0) }
    ) {
        // In a user namespace the machine's root may appear as another user.
        var roots = roots.map { (directory: $0, trusted: [0, access($0 + "/")?.owner]) }
        let components = path.utf8.split(separator: UInt8(ascii: "/"))
        var isInShared = false
        for (depth, component) in zip(1..., components) {
            // The workload's own directory may be anybody's where only root made it.
            guard depth < components.count || isInShared else { break }
            let above = path[..<component.endIndex]
            let found = roots.indices.compactMap { index in
                access(roots[index].directory + above).map { (root: index, access: $0) }
            }
            guard !found.isEmpty || depth > 1 else {
                self.init(naming: path)
                return
            }
            for (root, access) in found where !roots[root].trusted.contains(access.owner) {
                if depth == 1, let name = Self.account[String(Substring(component))], accounts[name] == access.owner {
                    roots[root].trusted.append(access.owner)
                } else {
                    self.init(depth: isInShared ? depth - 1 : depth, user: access.owner)
                    return
                }
            }
            guard !found.isEmpty, depth < Self.deepest else {
                self.init(depth: isInShared ? depth - 1 : depth, user: nil)
                return
            }
            // One of root's may bear a name that another user gave it.
            if depth < components.count, found.contains(where: { $0.access.mayRename }) {
                self.init(depth: depth, user: nil)
                return
            }
            isInShared = found.contains { $0.access.isShared }
        }
        return nil
    }

    /// Whether others than its owner may make directories in one.
    package static func isShared(
        _ path: String, below roots: [String], access: (String) -> DirectoryAccess? = { DirectoryAccess(of: $0) }
    ) -> Bool {
        roots.contains { access($0 + path)?.isShared ?? false }
    }

    /// By the service of a user's manager.
    private init?(naming path: String) {
        let components = path.utf8.split(separator: UInt8(ascii: "/"))
        for (index, component) in components.dropLast().enumerated() {
            guard let instance = component.dropping(prefix: "user@")?.dropping(suffix: ".service"),
                let user = instance.decimal.flatMap(UInt32.init)
            else { continue }
            self.init(depth: index + 1, user: user)
            return
        }
        return nil
    }

    /// Platforms that do not run as root but under an account of their own, by the directory at the top of a hierarchy that
    /// they are given: OAR 2, Nomad, Hadoop YARN.
    private static let account = ["oar": "oar", "nomad.slice": "nomad", "nomad": "nomad", "hadoop-yarn": "yarn"]

    /// The names of those accounts.
    package static let platformAccounts = Set(account.values)

    /// No system puts a container or a job as deep as that.
    private static let deepest = 64
}

internal import Linux

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

    /// Looks up whom the directories above a cgroup belong to. nil where they are root's. A directory that is gone proves
    /// nothing: from there on the owner is unknown. Where not even the first is there, the mounted hierarchy is only a
    /// part of the machine's (a cgroup namespace), and only a `user@UID.service` on the path tells of a user.
    ///
    /// Complexity: one `stat` for each directory and hierarchy, from the root to the first that is not root's.
    ///
    /// - Parameters:
    ///   - path: normalised.
    ///   - roots: where the hierarchies are mounted.
    ///   - owner: whom a directory belongs to.
    package init?(
        of path: String, below roots: [String], owner: (String) -> UInt32? = { Linux.owner(of: $0) }
    ) {
        // In a user namespace the machine's root may appear as somebody else.
        let roots = roots.map { (directory: $0, trusted: [0, owner($0 + "/")]) }
        var depth = 0
        for component in path.utf8.split(separator: UInt8(ascii: "/")).dropLast() {
            let above = path[..<component.endIndex]
            depth += 1
            var isThere = false
            for root in roots {
                guard let user = owner(root.directory + above) else { continue }
                isThere = true
                guard root.trusted.contains(user) else {
                    self.init(depth: depth, user: user)
                    return
                }
            }
            guard isThere || depth > 1 else {
                self.init(naming: path)
                return
            }
            guard isThere, depth < Self.deepest else {
                self.init(depth: depth, user: nil)
                return
            }
        }
        return nil
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

    /// No system puts a container or a job as deep as that.
    private static let deepest = 64
}

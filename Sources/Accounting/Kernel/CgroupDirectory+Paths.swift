internal import CEnergyBPF
internal import Linux

/// The kernel reports the name and the parent of a cgroup that is made; its path follows from what is known of the parent.
extension CgroupDirectory {
    /// A cgroup that was made, as a walk would find it. nil where the path of its parent is not known. At most as many steps
    /// as a path has names, however deep it lies.
    func cgroup(_ id: UInt64, _ name: String, _ head: energyd_lifecycle_record) -> AccountingSample.Cgroup? {
        var key = head.key
        key.cgroup = head.parent
        let parent = key.cgroupID
        let above = entries[parent]
        if let above, above.isDeep {
            guard let path = path(of: above.anchor) else { return nil }
            return .init(id: id, path: path, parent: parent, delegation: above.delegation, isDeep: true)
        }
        // The root is known without a walk, and that of version 1 is in none.
        guard !name.isEmpty, let anchor = head.level == 1 ? "/" : path(of: parent) else { return nil }
        let inherited = above?.delegation ?? 0
        let delegation = inherited != 0 ? inherited : belongsToUser(anchor, parent) ? parent : 0
        let path = anchor == "/" ? "/" + name : anchor + "/" + name
        let isDeep = !CgroupTree.fits(pathBytes: path.utf8.count, depth: path.depth)
        return .init(id: id, path: isDeep ? anchor : path, parent: parent, delegation: delegation, isDeep: isDeep)
    }

    /// Whether the directory of a cgroup is a user's.
    private func belongsToUser(_ path: String, _ id: UInt64) -> Bool {
        if usersDirectories.contains(id) { return true }
        guard isUsers(id, path) else { return false }
        usersDirectories.insert(id)
        return true
    }

    /// The path of a cgroup that has one of its own; nil where it is not known.
    private func path(of id: UInt64) -> String? {
        guard var entry = entries[id], !entry.isDeep, entry.pathHash != nil else { return nil }
        var names: [String] = []
        while entry.depth > 0 {
            guard let name = entry.name else { return nil }
            names.append(name)
            if entry.depth == 1 { break }
            // One that was renamed, and what lies in it not yet, does not fit.
            guard let above = entries[entry.parent], above.depth == entry.depth - 1 else { return nil }
            entry = above
        }
        return "/" + names.reversed().joined(separator: "/")
    }

    /// Notes where a known cgroup lies.
    func place(_ cgroup: AccountingSample.Cgroup, _ hash: Int) {
        dropName(of: cgroup.id)
        let above = entries[cgroup.parent]
        entries[cgroup.id]?.pathHash = hash
        entries[cgroup.id]?.isDeep = cgroup.isDeep
        entries[cgroup.id]?.delegation = cgroup.delegation
        entries[cgroup.id]?.anchor = !cgroup.isDeep ? 0 : above?.isDeep == true ? above?.anchor ?? 0 : cgroup.parent
        entries[cgroup.id]?.depth = cgroup.path == "/" ? 0 : UInt8(clamping: cgroup.path.depth)
        guard !cgroup.isDeep, let slash = cgroup.path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return }
        let name = String(Substring(cgroup.path.utf8[slash...].dropFirst()))
        if cgroup.delegation != 0 {
            guard userNameBytes + name.utf8.count <= nameLimit else { return }
            userNameBytes += name.utf8.count
        }
        entries[cgroup.id]?.name = name
    }

    /// Makes room where a name was that a user gave.
    func dropName(of id: UInt64) {
        guard let entry = entries[id], let name = entry.name else { return }
        if entry.delegation != 0 { userNameBytes -= name.utf8.count }
        entries[id]?.name = nil
    }
}

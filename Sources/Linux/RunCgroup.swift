internal import Glibc

/// A cgroup that one run of a command is measured in, below the cgroup that it was started from: so its limits hold for
/// the command too, and what it uses stays part of the container, unit or session that it belongs to.
package struct RunCgroup: Sendable, Equatable {
    /// What the names of these cgroups begin with, and those of no others do.
    package static let namePrefix: StaticString = "energyd-run-"
    private static let prefix = namePrefix.description

    /// Its place in the hierarchy that CPU time is accounted in.
    package let place: CgroupPlace
    /// ``CgroupTree/Node/id``, which marks those of version 1.
    package let id: UInt64

    package var directory: String { place.directory }
    /// The last part of its path.
    package let name: String

    /// Makes it.
    package init(below parent: CgroupPlace, name: String) throws(HostError) {
        let place = CgroupPlace(
            tree: parent.tree, path: (parent.path == "/" ? "" : parent.path) + "/\(Self.prefix)\(name)")
        guard CgroupTree.fits(place) else {
            throw HostError(code: .malformed, path: parent.path, detail: "it lies too deep to make a cgroup in it")
        }
        guard withBytes(of: place.directory, { mkdir($0, 0o755) }) == 0 else {
            throw HostError(errno: errno, path: place.directory)
        }
        try self.init(at: place)
    }

    /// The cgroup that a process was put into; throws unless it is one of these.
    package init(holding process: Int32, paths: HostPaths) throws(HostError) {
        let place = try CgroupPlace(of: process, paths: paths)
        try self.init(at: place)
        guard name.utf8.starts(with: Self.prefix.utf8) else {
            throw HostError(code: .malformed, path: place.path, detail: "not the cgroup of a run")
        }
    }

    /// One that this process's user made; nil where another did, or it is none.
    package init?(ownAt place: CgroupPlace) {
        let name = place.path.utf8.split(separator: UInt8(ascii: "/")).last
        guard name?.starts(with: Self.prefix.utf8) ?? false, owner(of: place.directory) == geteuid() else { return nil }
        try? self.init(at: place)
    }

    private init(at place: CgroupPlace) throws(HostError) {
        var status = stat()
        guard withBytes(of: place.directory, { stat($0, &status) }) == 0 else {
            throw HostError(errno: errno, path: place.directory)
        }
        self.place = place
        name = place.path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? ""
        id = UInt64(status.st_ino) | (place.tree.version == .unified ? 0 : CgroupTree.legacyBit)
    }

    /// Moves a process here with all of its threads.
    package func take(_ process: Int32) throws(HostError) { try place.take(process) }

    /// The processes in it and in what lies below it, those that have ended and wait for their parents left out. Empty
    /// where it is gone.
    package func processes() -> [Int32] { Self.processes(in: directory, depth: 0) }

    /// Removes it; false where there are still processes or other cgroups in it.
    @discardableResult
    package func remove() -> Bool { withBytes(of: directory) { rmdir($0) } == 0 || errno == ENOENT }

    private static func processes(in directory: String, depth: Int) -> [Int32] {
        let own = (try? readText(directory + "/cgroup.procs"))?.split(separator: "\n").compactMap { Int32($0) } ?? []
        guard depth < 8, let entries = try? listDirectory(directory) else { return own }
        return entries.filter(\.isDirectory).reduce(own) {
            $0 + processes(in: "\(directory)/\($1.name)", depth: depth + 1)
        }
    }
}

/// A cgroup in the hierarchy in which its processes are accounted.
package struct CgroupPlace: Sendable, Equatable {
    package let tree: CgroupTree
    /// From the root of the hierarchy.
    package let path: String

    package var directory: String { tree.root + (path == "/" ? "" : path) }
    /// The cgroup that it lies in; the root lies in itself.
    package var above: CgroupPlace {
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
        return CgroupPlace(tree: tree, path: end == path.startIndex ? "/" : String(path[..<end]))
    }

    package init(tree: CgroupTree, path: String) {
        self.tree = tree
        self.path = path
    }

    /// That of a process: on a hybrid machine its version 1 cgroup unless that is the root, otherwise its unified one, as
    /// the accounting has it (`bpf/lib/tasks.h`).
    package init(of process: Int32, paths: HostPaths) throws(HostError) {
        let file = "\(paths.procfs)/\(process)/cgroup"
        let text = try readFile(file, limit: 1 << 16)
        let trees = CgroupTree.all(paths)
        let unified = trees.first { $0.version == .unified }
        let legacy = trees.first { $0.version != .unified }
        if let legacy, let path = Self.path(in: text, controller: "cpuacct"), path != "/" || unified == nil {
            self.init(tree: legacy, path: path)
        } else if let unified, let path = Self.path(in: text, controller: "") {
            self.init(tree: unified, path: path)
        } else {
            throw HostError(
                code: .missing, path: file, detail: "no hierarchy of cgroups below \(paths.cgroupfs) has this process")
        }
        // Another cgroup namespace: the path leads out of what is mounted.
        guard !path.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) }) else {
            throw HostError(code: .malformed, path: file, detail: "its cgroup lies outside of this cgroup namespace")
        }
    }

    /// Of lines such as `4:cpu,cpuacct:/a` and `0::/b`; the empty controller is the unified hierarchy.
    static func path(in text: [UInt8], controller: String) -> String? {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].first == UInt8(ascii: "/") else { continue }
            let controllers = parts[1].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            if controllers.contains(where: { $0.elementsEqual(controller.utf8) }) { return NameBytes.text(parts[2]) }
        }
        return nil
    }

    /// Moves a process here with all of its threads.
    package func take(_ process: Int32) throws(HostError) {
        let file = directory + "/cgroup.procs"
        let descriptor = try Descriptor(opening: file, flags: O_WRONLY)
        let text = Array("\(process)\n".utf8)
        guard write(descriptor.raw, text, text.count) == text.count else { throw HostError(errno: errno, path: file) }
    }
}

extension CgroupTree {
    fileprivate static func fits(_ place: CgroupPlace) -> Bool {
        fits(pathBytes: place.path.utf8.count, depth: place.path.utf8.count { $0 == UInt8(ascii: "/") })
    }
}

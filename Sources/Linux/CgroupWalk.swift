internal import Glibc

/// One walk through a tree of cgroups, from directory to directory by descriptors: users may make paths that are
/// longer than the kernel takes, and trees as deep as they like.
///
/// It may be done in steps, so that a large tree costs little at a time. Uses at most ``maxOpen`` descriptors, no recursion,
/// and memory for the names of what is listed and not yet visited.
package final class CgroupWalk {
    /// Which cgroups are visited.
    package struct Scope: Sendable {
        /// False where what lies too deep for a path (``CgroupTree/Node/isDeep``) is left out.
        package var includesDeep = true
        /// Cgroups below each directory of a user that are visited; the others are left out, with all below them.
        package var perDelegation = Int.max

        package init() {}
    }

    /// A directory that has been seen and not been looked into. Its name is on ``names``.
    private struct Waiting {
        let nameStart: Int
        let inode: UInt64
        let level: Int
    }

    /// The way from the root to the directory that is read.
    private struct Level {
        /// -1 for one that was closed to open others.
        var descriptor: Int32
        let inode: UInt64
        let node: Int
        /// Path of the last that has one, and its id.
        let anchor: String
        let depth: Int
        let isDeep: Bool
        /// Of what lies in it; see ``CgroupTree/Node/delegation``.
        let delegation: UInt64
    }

    private var levels: [Level] = []
    private var waiting: [Waiting] = []
    /// The names of those that wait, one after the other, each with a zero at its end.
    private var names: [CChar] = []
    private var reader = DirectoryReader()
    private let root: String
    private let mark: UInt64
    private let scope: Scope
    private var rootOwner: UInt32 = 0
    private var visitedOfDelegation: [UInt64: Int] = [:]
    /// Cgroups that were visited.
    private(set) package var count = 0
    /// Cgroups that were left out, those not counted that lie in them.
    private(set) package var leftOut = 0
    /// By their number in the walk: visited, and found later not to be wholly known.
    private(set) var lateUnread: [(number: Int, id: UInt64)] = []

    private static let maxOpen = 32

    /// Opens the root.
    ///
    /// - Parameter mark: bits that are set in every id.
    init(root: String, mark: UInt64, scope: Scope) {
        self.root = root
        self.mark = mark
        self.scope = scope
    }

    deinit {
        for level in levels where level.descriptor >= 0 { close(level.descriptor) }
    }

    /// Visits so many further cgroups, parents before children; true once there are no more.
    ///
    /// Throws only where the root cannot be read.
    ///
    /// - Parameter isOver: stops after the present one. A directory takes some 20 us, but milliseconds while somebody else
    ///   makes and removes many.
    package func step(
        _ limit: Int, isOver: () -> Bool = { false }, _ visit: (CgroupTree.Node) -> Void
    ) throws(HostError) -> Bool {
        var left = limit
        if count == 0 {
            try begin(visit)
            left -= 1
        }
        while left > 0, let next = waiting.popLast() {
            left -= 1
            let name = Array(names[next.nameStart...])
            names.removeLast(names.count - next.nameStart)
            guard ascend(below: next.level) else {
                // What else it holds is unknown.
                if let above = levels.last { lateUnread.append((above.node, mark | above.inode)) }
                continue
            }
            descend(to: next, name, visit)
            if isOver() { break }
        }
        return waiting.isEmpty
    }

    /// Ids of cgroups that turned out after their visit not to be wholly known.
    package var unreadLater: [UInt64] { lateUnread.map(\.id) }

    private func begin(_ visit: (CgroupTree.Node) -> Void) throws(HostError) {
        let inode = try inode(of: root)
        let directory = withBytes(of: root) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard directory >= 0 else { throw HostError(errno: errno, path: root) }
        rootOwner = Self.status(of: directory)?.st_uid ?? 0
        levels = [
            Level(descriptor: directory, inode: inode, node: 0, anchor: "/", depth: 0, isDeep: false, delegation: 0)
        ]
        let code = list()
        guard code == 0 else { throw HostError(errno: code, path: root) }
        count = 1
        visit(CgroupTree.Node(id: mark | inode, path: "/", parent: -1))
    }

    /// Puts the directories in the last level's directory on the list. Returns 0 or an errno.
    private func list() -> Int32 {
        guard let descriptor = levels.last?.descriptor else { return 0 }
        let level = levels.count
        return reader.read(descriptor) { name, inode, type in
            // Links do not occur; where the type is unknown, opening shows it.
            guard type == DT_DIR || type == DT_UNKNOWN else { return }
            waiting.append(Waiting(nameStart: names.count, inode: inode, level: level))
            names.append(contentsOf: name.lazy.map(CChar.init(bitPattern:)))
            names.append(0)
        }
    }

    private func descend(to next: Waiting, _ rawName: [CChar], _ visit: (CgroupTree.Node) -> Void) {
        guard let above = levels.last else { return }
        let name = NameBytes.text(rawName.dropLast().map(UInt8.init(bitPattern:)))
        var path = above.anchor == "/" ? "/" + name : above.anchor + "/" + name
        let isDeep = above.isDeep || !CgroupTree.fits(pathBytes: path.utf8.count, depth: above.depth + 1)
        if isDeep { path = above.anchor }
        guard !isDeep || scope.includesDeep, mayVisit(above.delegation) else {
            leftOut += 1
            return
        }
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let descriptor = openat(above.descriptor, rawName, flags)
        let code = descriptor < 0 ? errno : 0
        guard descriptor >= 0 || !Self.isGone(code) else { return }
        var node = CgroupTree.Node(
            id: mark | next.inode, path: path, parent: above.node, above: mark | above.inode, isDeep: isDeep,
            isUnread: descriptor < 0, delegation: above.delegation, level: above.depth + 1)
        let number = count
        count += 1
        guard descriptor >= 0 else { return visit(node) }
        // What others may make directories in is theirs too, whomever it belongs to.
        let isUsers = Self.status(of: descriptor).map {
            $0.st_uid != rootOwner || DirectoryAccess.isShared($0)
        }
        levels.append(
            Level(
                descriptor: descriptor, inode: next.inode, node: number, anchor: path, depth: above.depth + 1,
                isDeep: isDeep, delegation: above.delegation != 0 ? above.delegation : isUsers == true ? node.id : 0))
        let surplus = levels.count - 1 - Self.maxOpen
        if surplus > 0 {
            close(levels[surplus].descriptor)
            levels[surplus].descriptor = -1
        }
        let failure = list()
        if failure != 0, !Self.isGone(failure) { node.isUnread = true }
        visit(node)
    }

    private func mayVisit(_ delegation: UInt64) -> Bool {
        guard delegation != 0, scope.perDelegation < Int.max else { return true }
        visitedOfDelegation[delegation, default: 0] += 1
        return visitedOfDelegation[delegation, default: 0] <= scope.perDelegation
    }

    /// Goes up until so many levels are left; false where the way up cannot be found.
    private func ascend(below level: Int) -> Bool {
        while levels.count > level, let last = levels.popLast() {
            defer { if last.descriptor >= 0 { close(last.descriptor) } }
            guard let above = levels.last, above.descriptor < 0, last.descriptor >= 0 else { continue }
            let descriptor = openat(last.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            var status = stat()
            if fstat(descriptor, &status) == 0, UInt64(status.st_ino) == above.inode {
                levels[levels.count - 1].descriptor = descriptor
            } else {
                close(descriptor)
            }
        }
        return levels.last.map { $0.descriptor >= 0 } ?? false
    }

    private static func status(of descriptor: Int32) -> stat? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : nil
    }

    /// True for a directory that was removed.
    private static func isGone(_ code: Int32) -> Bool {
        code == ENOENT || code == ENODEV || code == ENOTDIR || code == ELOOP
    }
}

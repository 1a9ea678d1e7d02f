internal import Glibc

/// One walk through a tree of cgroups, from directory to directory by descriptors: users may make paths that are
/// longer than the kernel takes, and trees as deep as they like.
///
/// Uses at most ``maxOpen`` descriptors and no recursion.
struct CgroupWalk: ~Copyable {
    private(set) var nodes: [CgroupTree.Node] = []

    /// A directory that has been seen and not been looked into.
    private struct Waiting {
        let name: [CChar]
        let inode: UInt64
        let level: Int
    }

    /// The way from the root to the directory that is read.
    private struct Level {
        /// -1 for one that was closed to open others.
        var descriptor: Int32
        let inode: UInt64
        let node: Int
        /// Path of the last that has one.
        let anchor: String
    }

    private var levels: [Level] = []
    private var waiting: [Waiting] = []
    private var reader = DirectoryReader()
    private let root: String
    private let mark: UInt64

    private static let maxOpen = 32
    /// `PATH_MAX`, and room for the name of a file.
    private static let longestPath = 4096 - 64

    /// - Parameter mark: bits that are set in every id.
    init(root: String, mark: UInt64) {
        self.root = root
        self.mark = mark
    }

    /// Throws only where the root cannot be read.
    mutating func run() throws(HostError) {
        let inode = try inode(of: root)
        nodes = [CgroupTree.Node(id: mark | inode, path: "/", parent: -1)]
        let directory = withBytes(of: root) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard directory >= 0 else { throw HostError(errno: errno, path: root) }
        levels = [Level(descriptor: directory, inode: inode, node: 0, anchor: "/")]
        let code = list()
        guard code == 0 else { throw HostError(errno: code, path: root) }
        while let next = waiting.popLast() {
            guard ascend(below: next.level) else {
                // What else it holds is unknown.
                if let above = levels.last { nodes[above.node].isUnread = true }
                continue
            }
            descend(to: next)
        }
    }

    deinit {
        for level in levels where level.descriptor >= 0 { close(level.descriptor) }
    }

    /// Puts the directories in the last level's directory on the list. Returns 0 or an errno.
    private mutating func list() -> Int32 {
        guard let descriptor = levels.last?.descriptor else { return 0 }
        let level = levels.count
        var found: [Waiting] = []
        let code = reader.read(descriptor) { name, inode, type in
            // Links do not occur; where the type is unknown, opening shows it.
            guard type == DT_DIR || type == DT_UNKNOWN else { return }
            found.append(Waiting(name: name.map(CChar.init(bitPattern:)) + [0], inode: inode, level: level))
        }
        waiting += found.reversed()
        return code
    }

    private mutating func descend(to next: Waiting) {
        guard let above = levels.last else { return }
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let descriptor = openat(above.descriptor, next.name, flags)
        let code = descriptor < 0 ? errno : 0
        guard descriptor >= 0 || !Self.isGone(code) else { return }
        let name = NameBytes.text(next.name.dropLast().map(UInt8.init(bitPattern:)))
        var path = above.anchor == "/" ? "/" + name : above.anchor + "/" + name
        let isDeep = nodes[above.node].isDeep || root.utf8.count + path.utf8.count > Self.longestPath
        if isDeep { path = (above.anchor == "/" ? "" : above.anchor) + "/(deep)/\(next.inode)" }
        nodes.append(CgroupTree.Node(id: mark | next.inode, path: path, parent: above.node, isDeep: isDeep))
        let node = nodes.count - 1
        guard descriptor >= 0 else {
            nodes[node].isUnread = true
            return
        }
        levels.append(
            Level(descriptor: descriptor, inode: next.inode, node: node, anchor: isDeep ? above.anchor : path))
        let surplus = levels.count - 1 - Self.maxOpen
        if surplus > 0 {
            close(levels[surplus].descriptor)
            levels[surplus].descriptor = -1
        }
        let failure = list()
        if failure != 0, !Self.isGone(failure) { nodes[node].isUnread = true }
    }

    /// Goes up until so many levels are left; false where the way up cannot be found.
    private mutating func ascend(below level: Int) -> Bool {
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

    /// True for a directory that was removed.
    private static func isGone(_ code: Int32) -> Bool {
        code == ENOENT || code == ENODEV || code == ENOTDIR || code == ELOOP
    }
}

import Glibc
import Linux
import TestSupport
import Testing

/// Anybody with a cgroup of their own may make what they like below it.
@Suite struct CgroupWalkTests {
    private let directory: TemporaryDirectory
    private let tree: CgroupTree

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("", to: "cgroup.controllers")
        try directory.write("usage_usec 1\n", to: "cpu.stat")
        tree = try #require(CgroupTree(cgroupfs: directory.path))
    }

    @Test func aPathThatIsTooLongHidesNoCgroup() throws {
        let name = [UInt8](repeating: UInt8(ascii: "d"), count: 250)
        let depth = try RawTree.nest(in: directory.path, name: name, depth: 18)
        defer { RawTree.remove(directory.path) }
        try directory.write("usage_usec 2\n", to: "after.service/cpu.stat")
        #expect(depth == 18)
        let nodes = try tree.walk()
        #expect(nodes.count == 20)
        #expect(nodes.contains { $0.path == "/after.service" })
        #expect(Set(nodes.map(\.id)).count == 20)
        for (index, node) in nodes.enumerated().dropFirst() {
            #expect(node.parent < index && node.above == nodes[node.parent].id)
        }
        // Three levels of 251 bytes fit, and those below them have the path of the last that does.
        let deep = nodes.filter(\.isDeep)
        #expect(deep.count == 15)
        let last = try #require(nodes.last { !$0.isDeep && $0.path.utf8.count > 250 })
        #expect(deep.allSatisfy { $0.path == last.path })
        for node in nodes where !node.isDeep { #expect(try inode(of: directory.path + node.path) == node.id) }
        var scope = CgroupWalk.Scope()
        scope.includesDeep = false
        #expect(try tree.walk(scope).map(\.id) == nodes.filter { !$0.isDeep }.map(\.id))
    }

    /// In a directory in which others may make some, each may be another user's, no matter who owns it.
    @Test func whatLiesInASharedDirectoryIsDelegated() throws {
        for path in ["own/a/b", "shared/a/b"] { try directory.write("", to: path + "/cpu.stat") }
        #expect(chmod(directory.path + "/own", 0o755) == 0 && chmod(directory.path + "/shared", 0o775) == 0)
        let access = try #require(DirectoryAccess(of: directory.path + "/shared"))
        #expect(access.isShared && !access.mayRename && access.owner == getuid())
        for node in try tree.walk() {
            let isDelegated = node.path.hasPrefix("/shared/")
            let id = try isDelegated ? inode(of: directory.path + "/shared") : 0
            #expect(node.delegation == id, "\(node.path)")
        }
    }

    /// A large tree is walked a part at a time, with the same result.
    @Test func stepsAddUpToTheWalk() throws {
        for number in 0..<30 { try directory.write("", to: "a\(number % 3)/b\(number)/cpu.stat") }
        let walk = tree.startWalk()
        var found: [CgroupTree.Node] = []
        var steps = 0
        while try !walk.step(7, { found.append($0) }) { steps += 1 }
        #expect(found == (try tree.walk()) && found.count == 34 && walk.count == 34)
        #expect(steps == 4)
    }

    /// Nor does it take longer than it may, however long a directory takes.
    @Test func aStepEndsWhenItsTimeIsOver() throws {
        for number in 0..<9 { try directory.write("", to: "a\(number)/cpu.stat") }
        let walk = tree.startWalk()
        var found: [CgroupTree.Node] = []
        var steps = 1
        while try !walk.step(.max, isOver: { found.count % 4 == 0 }, { found.append($0) }) { steps += 1 }
        #expect(try tree.walk() == found && steps == 3)
    }

    /// What lies in another user's directory may be that user's; of it only so much is visited where that is asked for.
    @Test(.enabled(if: geteuid() == 0, "gives a directory to another user")) func usersDirectoriesAreTold() throws {
        for number in 0..<9 { try directory.write("", to: "user/c\(number)/d/cpu.stat") }
        try directory.write("", to: "system/x/cpu.stat")
        chown(directory.path + "/user", 65534, 65534)
        let nodes = try tree.walk()
        let user = try #require(nodes.first { $0.path == "/user" })
        #expect(user.delegation == 0)
        #expect(nodes.allSatisfy { ($0.delegation == user.id) == $0.path.hasPrefix("/user/") })
        var scope = CgroupWalk.Scope()
        scope.perDelegation = 4
        let fewer = try tree.walk(scope)
        #expect(fewer.count(where: { $0.delegation == user.id }) == 4)
        #expect(fewer.count(where: { $0.delegation == 0 }) == nodes.count(where: { $0.delegation == 0 }))
    }

    /// As deep as a stack or the table of open files would not bear, and with something left to walk at every level.
    @Test func depthIsNoDanger() throws {
        let name = Array("x".utf8)
        let sides = 3
        let depth = try RawTree.nest(in: directory.path, name: name, depth: 5000) { level in
            for side in 0..<sides { mkdirat(level, "s\(side)", 0o755) }
        }
        defer { RawTree.remove(directory.path) }
        #expect(depth == 5000)
        let nodes = try tree.walk()
        #expect(nodes.count == 1 + depth * (sides + 1))
        #expect(nodes.allSatisfy { !$0.isUnread && $0.path.utf8.count < 4200 })
        #expect(Set(nodes.map(\.id)).count == nodes.count)
        #expect(nodes.allSatisfy { $0.path.depth <= 32 })
        #expect(try openFiles() == 0)
    }

    /// Of the tree: other tests of the process have files of their own.
    private func openFiles() throws -> Int {
        try listDirectory("/proc/self/fd").count { entry in
            var target = [CChar](repeating: 0, count: 4096)
            let length = readlink("/proc/self/fd/\(entry.name)", &target, target.count - 1)
            return length > 0
                && String(decoding: target.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
                    .hasPrefix(directory.path)
        }
    }

    /// Names are bytes: what is no text, and what is equal as text, are cgroups of their own that can be opened.
    @Test func namesOfAnyBytesAreTellableApartAndCanBeOpened() throws {
        let names: [[UInt8]] = [
            [0x61, 0xFF], [0x61, 0xFE], Array("e\u{301}".utf8), Array("é".utf8), Array("x\r".utf8),
            Array("\u{338}a".utf8), Array("\u{FFFD}".utf8),
        ]
        for (number, name) in names.enumerated() {
            try RawTree.nest(in: directory.path, name: name, depth: 1) {
                try RawTree.write("usage_usec \(number + 10)\n", to: "cpu.stat", in: $0)
                mkdirat($0, "inside", 0o755)
            }
        }
        defer { RawTree.remove(directory.path) }
        let nodes = try tree.walk()
        #expect(nodes.count == 1 + 2 * names.count)
        #expect(Set(nodes.map(\.path)).count == nodes.count)
        for (number, name) in names.enumerated() {
            let path = "/" + NameBytes.text(name)
            #expect(try tree.cpuMicroseconds(path: path) == UInt64(number + 10))
            let inside = try #require(nodes.first { $0.path == path + "/inside" })
            #expect(try inode(of: tree.root + inside.path) == inside.id)
        }
        let entries = try listDirectory(directory.path).filter(\.isDirectory)
        #expect(Set(entries.map(\.name)).count == names.count)
        for entry in entries { #expect(try inode(of: "\(directory.path)/\(entry.name)") == entry.inode) }
    }
}

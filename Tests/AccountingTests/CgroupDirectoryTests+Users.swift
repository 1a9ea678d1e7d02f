import Linux
import TestSupport
import Testing

@testable import Accounting

/// What users make in directories that are theirs.
extension CgroupDirectoryTests {
    /// The file system makes who asks wait while a directory is flooded.
    @Test func theOwnerOfAUsersDirectoryIsLookedUpOnceInAReport() {
        var asked: [String] = []
        let directory = CgroupDirectory(
            hasEvents: true, seesAll: true,
            isUsers: { _, path in
                asked.append(path)
                return path == "/user"
            })
        directory.reconcile(with: [root, .init(id: 2, path: "/user", parent: 0)], unknown: [])
        _ = report(directory)
        for id in UInt64(11)...110 { apply("c\(id)".utf8, id: id, below: 2, level: 2, in: directory) }
        #expect(asked == ["/user"])
        #expect(report(directory).created.count { $0.delegation == 2 } == 100)
        apply("c111".utf8, id: 111, below: 2, level: 2, in: directory)
        #expect(asked == ["/user", "/user"])
    }

    /// Or what a user makes would count as root's.
    @Test func aDirectoryThatRootGivesAwayIsTheUsersAtOnce() {
        var isUsers = false
        let directory = CgroupDirectory(hasEvents: true, seesAll: true, isUsers: { _, _ in isUsers })
        directory.reconcile(with: [root, .init(id: 2, path: "/service", parent: 0)], unknown: [])
        _ = report(directory)
        apply("of-root".utf8, id: 3, below: 2, level: 2, in: directory)
        isUsers = true
        apply("of-user".utf8, id: 4, below: 2, level: 2, in: directory)
        #expect(report(directory).created.map { $0.delegation != 0 } == [false, true])
    }

    /// Who may have made a cgroup is told by the owner of the topmost directory that is not root's.
    @Test func whatUsersMakeIsKnownAsTheirs() {
        let directory = makeDirectory()
        for (id, name, parent) in [(2, "user", 1), (3, "a", 2), (4, "b", 3), (5, "root", 1)] {
            apply(name.utf8, id: UInt64(id), below: UInt64(parent), in: directory)
        }
        #expect(report(directory).created.map(\.delegation) == [0, 2, 2, 0] && directory.userNameBytes == 2)
    }

    /// Of the names that users give only so many bytes are kept; what is made below the others is left to walks.
    @Test func namesOfUsersHaveABudget() {
        let time = time
        let directory = CgroupDirectory(
            hasEvents: true, seesAll: true, nameLimit: 10, isUsers: { $1 == "/user" }, now: { time.now })
        directory.reconcile(with: [root], unknown: [])
        apply("user".utf8, id: 2, in: directory)
        for id in UInt64(3)...6 { apply("four".utf8, id: id, below: 2, in: directory) }
        apply("system".utf8, id: 7, in: directory)
        for id in UInt64(3)...7 { apply("x".utf8, id: id + 10, below: id, level: 3, in: directory) }
        #expect(report(directory).created.map(\.id) == [1, 2, 3, 4, 5, 6, 7, 13, 14, 17])
        #expect(directory.userNameBytes == 10)
        // Room is made by what is gone, and taken by what a walk finds.
        let nodes: [CgroupTree.Node] = [
            root, .init(id: 2, path: "/user", parent: 0), .init(id: 5, path: "/user/four", parent: 1, delegation: 2),
        ]
        directory.reconcile(with: nodes, unknown: [])
        time.advance(11)
        #expect(Set(directory.takeForgettable()) == [3, 4, 6, 7, 13, 14, 17] && directory.userNameBytes == 0)
        directory.reconcile(with: nodes, unknown: [])
        _ = report(directory)
        apply("x".utf8, id: 20, below: 5, level: 3, in: directory)
        #expect(report(directory).created.map(\.path) == ["/user/four/x"])
        #expect(directory.userNameBytes == 5)
    }
}

import CEnergyBPF
import Linux
import TestSupport
import Testing

@testable import Accounting

@Suite struct CgroupDirectoryTests {
    private func report(_ directory: CgroupDirectory) -> AccountingSample {
        var sample = AccountingSample()
        directory.report(into: &sample)
        return sample
    }

    private let time = ManualInstant()

    private func makeDirectory(seesAll: Bool = true) -> CgroupDirectory {
        let time = time
        return CgroupDirectory(hasEvents: true, seesAll: seesAll, isUsers: { $1 == "/user" }, now: { time.now })
    }

    private let root = CgroupTree.Node(id: 1, path: "/", parent: -1)

    @Test func whatIsGoneFromTheFileSystemIsRemoved() {
        let directory = makeDirectory()
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], unknown: [9])
        #expect(report(directory).created.map(\.path) == ["/", "/a"])
        directory.reconcile(with: [root], unknown: [])
        #expect(report(directory).removed == [2])
    }

    /// Where only a part of the tree is mounted, a cgroup outside of it must not be considered removed.
    @Test func whoIsOutsideOfAPartialViewLivesOn() {
        let directory = makeDirectory(seesAll: false)
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], unknown: [9])
        directory.reconcile(with: [root], unknown: [])
        #expect(report(directory).removed == [2])
        #expect(directory.knows(9))
        #expect(directory.takeForgettable().isEmpty)
    }

    /// A removed cgroup that memory keeps alive may be charged for a while; its counters are kept until that has ended.
    @Test func aRemovedCgroupIsForgottenOnceItsCounterHasBeenQuiet() {
        let directory = makeDirectory()
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], unknown: [])
        directory.reconcile(with: [root], unknown: [])
        time.advance(9)
        #expect(directory.takeForgettable().isEmpty)
        #expect(directory.noteUsage(of: 2, cpuNanoseconds: 5))
        time.advance(9)
        #expect(directory.noteUsage(of: 2, cpuNanoseconds: 5))
        #expect(directory.takeForgettable().isEmpty)
        time.advance(2)
        #expect(directory.takeForgettable() == [2])
        #expect(directory.takeForgettable().isEmpty && !directory.knows(2))
    }

    @Test func anotherPathIsARename() {
        let directory = makeDirectory()
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], unknown: [])
        _ = report(directory)
        directory.reconcile(with: [root, .init(id: 2, path: "/b", parent: 0)], unknown: [])
        let sample = report(directory)
        #expect(sample.renamed.map(\.path) == ["/b"] && sample.created.isEmpty && sample.removed.isEmpty)
    }

    /// A cgroup below a directory that could not be read is not considered removed.
    @Test func whatCouldNotBeLookedIntoIsNotGone() {
        let directory = makeDirectory()
        let (a, b) = (CgroupTree.Node(id: 2, path: "/a", parent: 0), CgroupTree.Node(id: 3, path: "/a/b", parent: 1))
        directory.reconcile(with: [root, a, b, .init(id: 4, path: "/ab", parent: 0)], unknown: [])
        _ = report(directory)
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0, isUnread: true)], unknown: [])
        #expect(report(directory).removed == [4])
        #expect(directory.unreadDirectories == 1)
        directory.reconcile(with: [root, a], unknown: [])
        #expect(report(directory).removed == [3])
    }

    private func apply(_ path: [UInt8], id: UInt64, in directory: CgroupDirectory) {
        var record = energyd_lifecycle_record()
        record.type = ENERGYD_RECORD_CGROUP_CREATED.rawValue
        record.key.cgroup = id
        withUnsafeMutableBytes(of: &record.path) { $0.copyBytes(from: path.prefix($0.count - 1)) }
        withUnsafeBytes(of: record) { directory.apply($0) }
    }

    /// The file system makes who asks wait while a directory is flooded.
    @Test func theOwnerOfAUsersDirectoryIsLookedUpOnceInAReport() {
        var asked: [String] = []
        let directory = CgroupDirectory(
            hasEvents: true, seesAll: true,
            isUsers: { _, path in
                asked.append(path)
                return path == "/user"
            })
        for id in UInt64(1)...100 { apply(Array("/user/c\(id)".utf8), id: id, in: directory) }
        #expect(asked == ["/user"])
        #expect(report(directory).created.count { $0.delegation != 0 } == 100)
        apply(Array("/user/c101".utf8), id: 101, in: directory)
        #expect(asked == ["/user", "/user"])
    }

    /// Or what a user makes would count as root's.
    @Test func aDirectoryThatRootGivesAwayIsTheUsersAtOnce() {
        var isUsers = false
        let directory = CgroupDirectory(hasEvents: true, seesAll: true, isUsers: { _, _ in isUsers })
        apply(Array("/service/of-root".utf8), id: 1, in: directory)
        isUsers = true
        apply(Array("/service/of-user".utf8), id: 2, in: directory)
        #expect(report(directory).created.map { $0.delegation != 0 } == [false, true])
    }

    @Test func childrenThatAreReportedFirstComeAfterTheirParents() {
        let directory = makeDirectory()
        for (id, path) in [(5, "/a/b/c"), (4, "/a/b"), (9, "/z"), (3, "/a")] {
            apply(Array(path.utf8), id: UInt64(id), in: directory)
        }
        #expect(report(directory).created.map(\.path) == ["/z", "/a", "/a/b", "/a/b/c"])
    }

    /// What is too long or too deep is part of the last above it that is neither: the kernel cuts a path at 1023 bytes.
    @Test func aPathThatDoesNotFitIsThatOfTheLastThatDoes() {
        let directory = makeDirectory()
        let long = "/" + String(repeating: "x", count: 500)
        apply(Array(long.utf8), id: 7, in: directory)
        apply(Array((long + "/" + String(repeating: "y", count: 600)).utf8), id: 8, in: directory)
        apply(Array(String(repeating: "/d", count: 40).utf8), id: 9, in: directory)
        let created = report(directory).created
        #expect(created.map(\.id) == [7, 8, 9])
        #expect(created.map(\.isDeep) == [false, true, true])
        #expect(created.map(\.path) == [long, long, String(repeating: "/d", count: 32)])
        #expect(created[1].parent == 7)
    }

    /// Who may have made a cgroup is told by the owner of the topmost directory that is not root's.
    @Test func whatUsersMakeIsKnownAsTheirs() {
        let directory = makeDirectory()
        for (id, path) in [(2, "/user"), (3, "/user/a"), (4, "/user/a/b"), (5, "/root")] {
            apply(Array(path.utf8), id: UInt64(id), in: directory)
        }
        #expect(report(directory).created.map(\.delegation) == [0, 0, 2, 2])
    }

    /// A cgroup that appears while a walk is under way may lie where the walk has been already.
    @Test func whatAppearsDuringAWalkIsNotTakenForGone() {
        let directory = makeDirectory()
        directory.reconcile(with: [root], unknown: [])
        directory.beginWalk()
        directory.visit(root)
        apply(Array("/new".utf8), id: 7, in: directory)
        directory.endWalk(unread: [], unknown: [])
        #expect(report(directory).removed.isEmpty && directory.knows(7))
        directory.reconcile(with: [root], unknown: [])
        #expect(report(directory).removed == [7])
    }

    @Test func noMoreThanTheLimitIsKept() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true, limit: 3)
        for id in UInt64(1)...5 { apply(Array("/c\(id)".utf8), id: id, in: directory) }
        #expect(directory.count == 3 && directory.refused == 2)
    }

    @Test func namesThatAreNoTextStayApart() {
        let directory = makeDirectory()
        apply([0x2F, 0x61, 0xFF], id: 7, in: directory)
        apply([0x2F, 0x61, 0xFE], id: 8, in: directory)
        let created = report(directory).created
        #expect(Set(created.map(\.path)).count == 2)
        // A walk finds them as they are: nothing was renamed.
        directory.reconcile(
            with: [root] + created.map { CgroupTree.Node(id: $0.id, path: $0.path, parent: 0) }, unknown: [])
        #expect(report(directory).renamed.isEmpty)
    }
}

extension CgroupDirectory {
    /// A walk that finds these.
    fileprivate func reconcile(with nodes: [CgroupTree.Node], unknown: [UInt64]) {
        beginWalk()
        for node in nodes {
            visit(
                CgroupTree.Node(
                    id: node.id, path: node.path, parent: node.parent,
                    above: node.parent >= 0 ? nodes[node.parent].id : 0, isDeep: node.isDeep, isUnread: node.isUnread))
        }
        endWalk(unread: [], unknown: unknown)
    }
}

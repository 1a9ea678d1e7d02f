import CEnergyBPF
import Linux
import TestSupport
import Testing

@testable import Accounting

@Suite struct CgroupDirectoryTests {
    func report(_ directory: CgroupDirectory) -> AccountingSample {
        var sample = AccountingSample()
        directory.report(into: &sample)
        return sample
    }

    let time = ManualInstant()

    func makeDirectory(seesAll: Bool = true) -> CgroupDirectory {
        let time = time
        return CgroupDirectory(hasEvents: true, seesAll: seesAll, isUsers: { $1 == "/user" }, now: { time.now })
    }

    let root = CgroupTree.Node(id: 1, path: "/", parent: -1)

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

    /// A cgroup was created, at a level where that is told or else directly below the root.
    func apply(
        _ name: some Sequence<UInt8>, id: UInt64, below parent: UInt64 = 1, level: UInt32? = nil,
        in directory: CgroupDirectory
    ) {
        var record = energyd_creation_record()
        record.head.type = ENERGYD_RECORD_CGROUP_CREATED.rawValue
        record.head.key.cgroup = id
        record.head.parent = parent
        record.head.level = level ?? (parent == 1 ? 1 : 2)
        withUnsafeMutableBytes(of: &record.name) { $0.copyBytes(from: Array(name).prefix($0.count - 1)) }
        withUnsafeBytes(of: record) { directory.apply($0) }
    }

    /// A chain of cgroups of one name, each below the one before.
    private func applyChain(
        _ name: String, ids: ClosedRange<UInt64>, below parent: UInt64 = 1, in directory: CgroupDirectory
    ) {
        for id in ids {
            apply(
                name.utf8, id: id, below: id == ids.lowerBound ? parent : id - 1,
                level: UInt32(id - ids.lowerBound) + 1, in: directory)
        }
    }

    @Test func aPathIsPutTogetherFromItsParents() {
        let directory = makeDirectory()
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], unknown: [])
        _ = report(directory)
        apply("b".utf8, id: 3, below: 2, in: directory)
        apply("c".utf8, id: 4, below: 3, in: directory)
        let created = report(directory).created
        #expect(created.map(\.path) == ["/a/b", "/a/b/c"] && created.map(\.parent) == [2, 3])
        #expect(directory.deepest == 2)
    }

    /// What lies below the root needs nothing else: that of version 1 is in no walk.
    @Test func belowTheRootNothingElseIsNeeded() {
        let directory = makeDirectory()
        applyChain("a", ids: 2...4, in: directory)
        #expect(report(directory).created.map(\.path) == ["/a", "/a/a", "/a/a/a"])
    }

    /// Its parent was made while records were lost, say: the next walk that is due finds both.
    @Test func aCgroupBelowAnUnknownOneIsLeftToAWalk() {
        let directory = makeDirectory()
        #expect(directory.needsWalk(hasUnknown: false, lostEvents: 0))
        directory.reconcile(with: [root], unknown: [])
        _ = report(directory)
        apply("b".utf8, id: 3, below: 2, in: directory)
        #expect(report(directory).created.isEmpty && !directory.knows(3))
        let due = (0..<10).map { _ in directory.needsWalk(hasUnknown: false, lostEvents: 0) }
        #expect(due == Array(repeating: false, count: 9) + [true])
        directory.reconcile(with: [root], unknown: [])
        #expect(!(0..<20).contains { _ in directory.needsWalk(hasUnknown: false, lostEvents: 0) })
    }

    /// What is too long or too deep is part of the last above it that is neither, as in a walk.
    @Test func aPathThatDoesNotFitIsThatOfTheLastThatDoes() {
        let directory = makeDirectory()
        let long = String(repeating: "x", count: 240)
        applyChain(long, ids: 11...16, in: directory)
        applyChain("d", ids: 21...60, in: directory)
        let created = report(directory).created
        #expect(created.map(\.id) == Array(11...16) + Array(21...60))
        #expect(created.map(\.parent) == [1] + Array(11...15) + [1] + Array(21...59))
        #expect(created.filter(\.isDeep).map(\.id) == [15, 16] + Array(53...60))
        let (four, most) = (String(repeating: "/" + long, count: 4), String(repeating: "/d", count: 32))
        #expect(created[3...5].allSatisfy { $0.path == four })
        #expect(created.suffix(9).allSatisfy { $0.path == most })
        #expect(directory.deepest == 40)
        // A walk finds the same.
        let numbers = Dictionary(uniqueKeysWithValues: created.enumerated().map { ($1.id, $0 + 1) })
        let nodes = created.map {
            CgroupTree.Node(id: $0.id, path: $0.path, parent: numbers[$0.parent] ?? 0, isDeep: $0.isDeep)
        }
        directory.reconcile(with: [root] + nodes, unknown: [])
        let sample = report(directory)
        #expect(sample.renamed.isEmpty && sample.removed.isEmpty && sample.created.map(\.id) == [1])
        // Below one that a walk has found deep, too.
        let walked = makeDirectory()
        walked.reconcile(with: [root] + nodes, unknown: [])
        _ = report(walked)
        apply("e".utf8, id: 61, below: 60, level: 41, in: walked)
        #expect(report(walked).created == [.init(id: 61, path: most, parent: 60, isDeep: true)])
    }

    /// Once its name is another, so are the paths of what is made in it.
    @Test func whatIsMadeInARenamedCgroupHasItsNewName() {
        let directory = makeDirectory()
        directory.reconcile(
            with: [root, .init(id: 2, path: "/a", parent: 0), .init(id: 3, path: "/a/b", parent: 1)], unknown: [])
        directory.reconcile(
            with: [root, .init(id: 2, path: "/z", parent: 0), .init(id: 3, path: "/z/b", parent: 1)], unknown: [])
        _ = report(directory)
        apply("c".utf8, id: 4, below: 3, level: 3, in: directory)
        #expect(report(directory).created.map(\.path) == ["/z/b/c"])
    }

    /// A cgroup that appears while a walk is under way may lie where the walk has been already.
    @Test func whatAppearsDuringAWalkIsNotTakenForGone() {
        let directory = makeDirectory()
        directory.reconcile(with: [root], unknown: [])
        directory.beginWalk()
        directory.visit(root)
        apply("new".utf8, id: 7, in: directory)
        directory.endWalk(unread: [], unknown: [])
        #expect(report(directory).removed.isEmpty && directory.knows(7))
        directory.reconcile(with: [root], unknown: [])
        #expect(report(directory).removed == [7])
    }

    @Test func noMoreThanTheLimitIsKept() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true, limit: 3)
        for id in UInt64(1)...5 { apply("c\(id)".utf8, id: id, in: directory) }
        #expect(directory.count == 3 && directory.refused == 2)
    }

    @Test func namesThatAreNoTextStayApart() {
        let directory = makeDirectory()
        apply([0x61, 0xFF], id: 7, in: directory)
        apply([0x61, 0xFE], id: 8, in: directory)
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
    func reconcile(with nodes: [CgroupTree.Node], unknown: [UInt64]) {
        beginWalk()
        for node in nodes {
            visit(
                CgroupTree.Node(
                    id: node.id, path: node.path, parent: node.parent,
                    above: node.parent >= 0 ? nodes[node.parent].id : 0, isDeep: node.isDeep, isUnread: node.isUnread,
                    delegation: node.delegation))
        }
        endWalk(unread: [], unknown: unknown)
    }
}

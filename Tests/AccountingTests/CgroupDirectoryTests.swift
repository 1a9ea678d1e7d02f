import CEnergyBPF
import Linux
import Testing

@testable import Accounting

@Suite struct CgroupDirectoryTests {
    private func report(_ directory: CgroupDirectory) -> AccountingSample {
        var sample = AccountingSample()
        directory.report(into: &sample)
        return sample
    }

    private let root = CgroupTree.Node(id: 1, path: "/", parent: -1)

    @Test func whatIsGoneFromTheFileSystemIsRemoved() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true)
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], unknown: [9])
        #expect(report(directory).created.map(\.path) == ["/", "/a"])
        directory.reconcile(with: [root], unknown: [])
        #expect(report(directory).removed == [2])
    }

    /// Where only a part of the tree is mounted, a cgroup outside of it must not be considered removed.
    @Test func whoIsOutsideOfAPartialViewLivesOn() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: false)
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], unknown: [9])
        directory.reconcile(with: [root], unknown: [])
        #expect(report(directory).removed == [2])
        #expect(directory.knows(9))
        #expect(directory.takeForgettable().isEmpty)
    }

    @Test func anotherPathIsARename() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true)
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], unknown: [])
        _ = report(directory)
        directory.reconcile(with: [root, .init(id: 2, path: "/b", parent: 0)], unknown: [])
        let sample = report(directory)
        #expect(sample.renamed.map(\.path) == ["/b"] && sample.created.isEmpty && sample.removed.isEmpty)
    }

    /// A cgroup below a directory that could not be read is not considered removed.
    @Test func whatCouldNotBeLookedIntoIsNotGone() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true)
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

    @Test func childrenThatAreReportedFirstComeAfterTheirParents() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true)
        for (id, path) in [(5, "/a/b/c"), (4, "/a/b"), (9, "/z"), (3, "/a")] {
            apply(Array(path.utf8), id: UInt64(id), in: directory)
        }
        #expect(report(directory).created.map(\.path) == ["/z", "/a", "/a/b", "/a/b/c"])
    }

    /// The kernel cuts a path at 1023 bytes: then two may look alike, and neither is the real one.
    @Test func aTruncatedPathIsNotUsed() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true)
        apply(Array(("/" + String(repeating: "x", count: 1022)).utf8), id: 7, in: directory)
        #expect(!directory.knows(7) && report(directory).created.isEmpty)
        apply(Array(("/" + String(repeating: "x", count: 1021)).utf8), id: 8, in: directory)
        #expect(directory.knows(8))
    }

    @Test func namesThatAreNoTextStayApart() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true)
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

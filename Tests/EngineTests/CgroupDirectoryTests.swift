import Host
import Testing

@testable import Engine

@Suite struct CgroupDirectoryTests {
    private func report(_ directory: CgroupDirectory) -> Activity {
        var activity = Activity()
        directory.report(into: &activity)
        return activity
    }

    private let root = CgroupTree.Node(id: 1, path: "/", parent: -1)

    @Test func whatIsGoneFromTheFileSystemIsRemoved() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true)
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], strangers: [9])
        #expect(report(directory).created.map(\.path) == ["/", "/a"])
        directory.reconcile(with: [root], strangers: [])
        #expect(report(directory).removed == [2])
    }

    /// Where only a part of the tree is mounted, who lives outside of it must not be taken for gone.
    @Test func whoIsOutsideOfAPartialViewLivesOn() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: false)
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], strangers: [9])
        directory.reconcile(with: [root], strangers: [])
        #expect(report(directory).removed == [2])
        #expect(directory.knows(9))
        #expect(directory.takeForgettable().isEmpty)
    }

    @Test func anotherPathIsARename() {
        let directory = CgroupDirectory(hasEvents: true, seesAll: true)
        directory.reconcile(with: [root, .init(id: 2, path: "/a", parent: 0)], strangers: [])
        _ = report(directory)
        directory.reconcile(with: [root, .init(id: 2, path: "/b", parent: 0)], strangers: [])
        let activity = report(directory)
        #expect(activity.renamed.map(\.path) == ["/b"] && activity.created.isEmpty && activity.removed.isEmpty)
    }
}

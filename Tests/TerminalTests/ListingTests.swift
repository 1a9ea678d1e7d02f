import Snapshot
import Testing

@testable import Terminal

@Suite struct ListingTests {
    private func names(_ listing: Listing) -> [String] {
        listing.rows.map { String(repeating: "-", count: $0.depth) + $0.name }
    }

    /// Of the tree, and of every list whose rows do not overlap.
    @Test func theRowsAddUpToTheNode() throws {
        var snapshot = Samples.snapshot()
        snapshot.node.powerWatts = 3 + 13 + 5 + 30
        for grouping in [Grouping.all, .container, .pod, .unit, .namespace] {
            let listing = Listing(snapshot, model: TopModel(grouping: grouping))
            let tops = listing.rows.filter { $0.depth == 0 && $0.kind != "unit" }
            let sum = tops.reduce(listing.small.watts ?? 0) { $0 + ($1.watts ?? 0) }
            #expect(abs(sum - 51) < 1e-9, "\(grouping)")
            #expect(listing.sum.watts == 51)
        }
    }

    @Test func rowsThatUseNextToNothingAreOneLine() {
        let idle = (0..<12).map { Samples.workload("idle\($0)", watts: 0.001) }
        let snapshot = Samples.snapshot([Samples.workload("busy", watts: 3)] + idle)
        var model = TopModel()
        let listing = Listing(snapshot, model: model)
        #expect(listing.rows.first?.name == "busy" && listing.rows.count { !$0.isPart } == 1)
        #expect(listing.small.count == 12 && abs((listing.small.watts ?? 0) - 0.012) < 1e-9)
        _ = model.handle(.character("z"))
        #expect(Listing(snapshot, model: model).rows.count { !$0.isPart } == 13)
        // What was asked for is shown, however little it uses.
        #expect(Listing(snapshot, model: TopModel(filter: "idle")).rows.count == 12)
    }

    @Test func aBusyChildKeepsItsParents() {
        let tree = [
            Samples.workload("outer", kind: "slice", watts: 0), Samples.workload("x", parent: "outer", watts: 0),
            Samples.workload("y", parent: "outer", watts: 2), Samples.workload("z", watts: 0),
        ]
        #expect(names(Listing(Samples.snapshot(tree), model: TopModel())).prefix(2) == ["outer", "-y"])
    }

    @Test func chainsOfOnlyChildrenAreOneRow() {
        let chain = [
            Samples.workload("a.slice", kind: "slice", watts: 2),
            Samples.workload("b.slice", kind: "slice", parent: "a.slice", watts: 2),
            Samples.workload("c.service", kind: "unit", parent: "b.slice", watts: 2), Samples.workload("d", watts: 1),
        ]
        let rows = Listing(Samples.snapshot(chain), model: TopModel()).rows
        #expect(rows[0].name == "a.slice/b.slice/c.service" && rows[0].id == "c.service" && rows[0].kind == "unit")
        // A parent with more than its child says so.
        var more = chain
        more[1].powerWatts = 1
        more[2].powerWatts = 1
        #expect(
            names(Listing(Samples.snapshot(more), model: TopModel())).prefix(2) == ["a.slice", "-b.slice/c.service"])
    }

    @Test func hostProcessesAreExplainedAndExpand() {
        var root = Samples.workload("cgroup:1", name: "/", watts: 3)
        root.cgroupPath = "/"
        let processes = [Samples.process(7, "sshd", workload: "cgroup:1", watts: 2)]
        let snapshot = Samples.snapshot([root], processes: processes)
        var model = TopModel()
        let listing = Listing(snapshot, model: model)
        #expect(listing.rows[0].name == "host processes outside any service" && listing.rows[0].fold == .closed)
        model.fit(listing.rows, visibleRows: 9)
        _ = model.handle(.right)
        #expect(names(Listing(snapshot, model: model)).prefix(2) == ["host processes outside any service", "-sshd"])
        model.fit(Listing(snapshot, model: model).rows, visibleRows: 9)
        _ = model.handle(.left)
        #expect(Listing(snapshot, model: model).rows[0].fold == .closed)
    }

    @Test func theTreeFolds() {
        var model = TopModel()
        let snapshot = Samples.snapshot()
        model.fit(Listing(snapshot, model: model).rows, visibleRows: 9)
        #expect(model.current?.name == "shop")
        _ = model.handle(.left)
        let rows = Listing(snapshot, model: model).rows
        #expect(rows.prefix(2).map(\.name) == ["shop", "pod-c"] && rows[0].fold == .closed)
        #expect(rows.first?.watts == 13)
        // What is looked for is shown even there.
        model.filter = "web"
        #expect(names(Listing(snapshot, model: model)).contains("-pod-a/web"))
    }

    @Test(arguments: [(2.01, 2.0), (2.26, 2.26), (1.9, 1.9)])
    func busyCPUsDoNotExceedTheirNumberByReadingThem(usage: Double, shown: Double) {
        var snapshot = Samples.snapshot()
        (snapshot.node.cpuCount, snapshot.node.cpuUsage, snapshot.windowSeconds) = (2, usage, 1)
        snapshot.agent.drainSeconds = 0.002
        #expect(CPUUse(snapshot).cpus == shown)
        // A reading that took long explains more.
        snapshot.agent.drainSeconds = 0.1
        #expect(CPUUse(snapshot).cpus == min(usage, 2))
    }
}

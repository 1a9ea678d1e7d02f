import Snapshot
import TestSupport
import Testing

@testable import Terminal

@Suite struct RowsTests {
    private func names(_ snapshot: Snapshot = Samples.snapshot(), _ change: (inout TopModel) -> Void) -> [String] {
        var model = TopModel()
        change(&model)
        return Rows.make(snapshot, model: model).rows.map { String(repeating: "-", count: $0.depth) + $0.name }
    }

    @Test func allIsATreeSortedAmongSiblings() {
        #expect(
            names { _ in } == [
                "shop", "-pod-a", "--web", "-pod-b", "pod-c", "system.slice", "-db.service", "-ssh.service",
            ])
        #expect(
            names {
                $0.sort = .name
                $0.isReversed = true
            } == [
                "system.slice", "-ssh.service", "-db.service", "shop", "-pod-b", "-pod-a", "--web", "pod-c",
            ])
    }

    @Test func parentsAreMarked() {
        let rows = Rows.make(Samples.snapshot(), model: TopModel()).rows
        #expect(rows.filter(\.isParent).map(\.name) == ["shop", "pod-a", "system.slice"])
    }

    @Test func aMatchBringsItsParents() {
        #expect(names { $0.filter = "DB" } == ["system.slice", "-db.service"])
        #expect(names { $0.filter = "nothing like it" }.isEmpty)
    }

    @Test func theFilterLooksAtLabels() {
        #expect(names { ($0.filter, $0.grouping) = ("shop", .pod) } == ["pod-a", "pod-b"])
    }

    @Test func theEndedAreShownOnDemand() {
        #expect(names { $0.grouping = .pod } == ["pod-a", "pod-c", "pod-b"])
        #expect(names { ($0.grouping, $0.showsEnded) = (.pod, true) } == ["pod-a", "pod-c", "pod-b", "old"])
    }

    @Test func groupsByKind() {
        #expect(names { $0.grouping = .container } == ["web"])
        #expect(names { $0.grouping = .unit } == ["system.slice", "db.service", "ssh.service"])
    }

    @Test func namespacesAddPodsUp() throws {
        let rows = Rows.make(Samples.snapshot(), model: TopModel(grouping: .namespace)).rows
        #expect(rows.map(\.name) == ["shop", "(unknown)"])
        let shop = try #require(rows.first)
        #expect(shop.watts == 13 && shop.joules == 9 && shop.detail == "2 pods")
        #expect(shop.cpus.map { abs($0 - 1.3) < 1e-9 } == true)
        #expect(rows.last?.watts == 5 && rows.last?.detail == "1 pod")
    }

    @Test func ownersAreWhatTheAgentAddedUp() throws {
        let rows = Rows.make(Samples.kubernetes, model: TopModel(grouping: .owner)).rows
        #expect(rows.map(\.name) == ["Deployment/web", "(none)"])
        let web = try #require(rows.first)
        // What the agent says, with the energy of pods that are gone; not what the pods that are left have used.
        #expect(web.watts == 4 && web.joules == 60 && web.detail == "shop  2 pods" && web.kind == "owner")
        #expect(rows.last?.watts == 2 && rows.last?.joules == 3 && rows.last?.detail == "1 pod")
        #expect(
            names(Samples.kubernetes) { ($0.grouping, $0.showsEnded, $0.sort) = (.owner, true, .name) } == [
                "(none)", "Deployment/old", "Deployment/web",
            ])
        #expect(names(Samples.kubernetes) { ($0.grouping, $0.filter) = (.owner, "shop") } == ["Deployment/web"])
    }

    @Test func eachLabelHasItsOwnRows() throws {
        let rows = Rows.make(Samples.kubernetes, model: TopModel(grouping: .label("team"))).rows
        #expect(rows.map(\.name) == ["pay", "(none)"] && rows.map(\.watts) == [4, 2])
        #expect(rows.map(\.detail) == ["2 pods", "1 pod"] && rows.allSatisfy { $0.kind == "label" })
        let grouping = Grouping.label("app.kubernetes.io/name")
        #expect(names(Samples.kubernetes) { ($0.grouping, $0.showsEnded) = (grouping, true) } == ["(none)", "x"])
    }

    @Test func processesNameTheirWorkload() throws {
        let processes = [
            Samples.process(7, "idler", workload: "web", watts: 1),
            Samples.process(8, "worker", workload: "x", watts: 2),
        ]
        let rows = Rows.make(Samples.snapshot(processes: processes), model: TopModel(grouping: .process)).rows
        #expect(rows.map(\.name) == ["(others)", "worker", "idler"])
        #expect(try #require(rows.last).detail == "pid 7  web")
        #expect(rows.allSatisfy { $0.joules == nil })
    }

    @Test func theUsageOfNoKnownProcessHasItsOwnRow() throws {
        func others(_ processes: [Snapshot.Process]) -> Row? {
            Rows.make(Samples.snapshot(processes: processes), model: TopModel(grouping: .process)).rows
                .first { $0.kind == "rest" }
        }
        // The roots: a slice of 3 W, a namespace of 13 W and a pod of 5 W.
        let rest = try #require(others([Samples.process(7, "a", workload: "web", watts: 2)]))
        #expect(rest.watts == 19 && rest.cpus.map { abs($0 - 2) < 1e-9 } == true)
        #expect(others([]) == nil)
        var all = Samples.process(7, "a", workload: "web", watts: 21)
        all.cpuUsage = 2.1
        #expect(others([all]) == nil)
    }

    @Test func withoutPowerTheBusiestComeFirst() {
        var snapshot = Samples.snapshot()
        snapshot.node.zones = []
        snapshot.forgetPower()
        let rows = Rows.make(snapshot, model: TopModel(grouping: .unit)).rows
        #expect(rows.map(\.name) == ["system.slice", "db.service", "ssh.service"])
        #expect(rows.allSatisfy { $0.watts == nil && $0.cpus != nil })
    }

    @Test func limitTellsWhatItLeftOut() {
        let (rows, leftOut) = Rows.make(Samples.snapshot(), model: TopModel(limit: 3))
        #expect(rows.count == 3 && leftOut == 5)
    }

    @Test func beforeTheFirstWindowPowerIsUnknown() {
        let rows = Rows.make(Samples.snapshot(sequence: 0), model: TopModel()).rows
        #expect(!rows.isEmpty && rows.allSatisfy { $0.watts == nil && $0.cpus == nil && $0.joules != nil })
    }

    @Test func unknownValuesComeLastBothWays() {
        let known = Row(id: "1", kind: "", name: "z", detail: "", watts: 0)
        let unknown = Row(id: "2", kind: "", name: "a", detail: "", watts: nil)
        for isReversed in [false, true] {
            #expect(Row.comes(known, before: unknown, by: .watts, isReversed: isReversed))
            #expect(!Row.comes(unknown, before: known, by: .watts, isReversed: isReversed))
        }
    }

    @Test func oddParentsDoNotHangOrLoseRows() {
        let orphan = Samples.snapshot([Samples.workload("a", parent: "gone")])
        #expect(names(orphan) { _ in } == ["a"])
        let circle = Samples.snapshot([
            Samples.workload("a", parent: "b"), Samples.workload("b", parent: "a"), Samples.workload("c", parent: "c"),
        ])
        #expect(names(circle) { _ in } == ["a", "-b", "c"])
        let deep = (0..<20_000).map { Samples.workload("\($0)", parent: $0 > 0 ? "\($0 - 1)" : nil) }
        #expect(names(Samples.snapshot(deep)) { _ in }.count == 20_000)
    }

    @Test(arguments: 0..<50)
    func everyOrderIsStrict(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let rows = (0..<25).map { index in
            Row(
                id: "\(index)", kind: "k", name: "\(Int.random(in: 0...3, using: &random))", detail: "",
                watts: Bool.random(using: &random) ? Double(Int.random(in: 0...2, using: &random)) : nil)
        }
        for key in SortKey.allCases {
            for a in rows {
                for b in rows where a.id != b.id {
                    #expect(
                        Row.comes(a, before: b, by: key, isReversed: true)
                            != Row.comes(b, before: a, by: key, isReversed: true))
                }
            }
        }
    }
}

import TestSupport
import Testing

@testable import Terminal

@Suite struct TopModelTests {
    private func press(_ keys: String, _ model: inout TopModel) {
        for character in keys { _ = model.handle(.character(character)) }
    }

    private func rows(_ ids: [String]) -> [Row] { ids.map { Row(id: $0, kind: "k", name: $0, detail: "") } }

    @Test func quits() {
        var model = TopModel()
        #expect(model.handle(.character("q")) == .quit)
        #expect(model.handle(.control("c")) == .quit)
        _ = model.handle(.character("/"))
        #expect(model.handle(.character("q")) == .redraw)
        #expect(model.filter == "q")
        #expect(model.handle(.control("c")) == .quit)
    }

    @Test(arguments: zip("WCJN", [SortKey.watts, .cpu, .joules, .name]))
    func sortKeys(key: Character, sort: SortKey) {
        var model = TopModel(sort: sort == .cpu ? .name : .cpu)
        press("r", &model)
        press(String(key), &model)
        #expect(model.sort == sort)
        #expect(!model.isReversed)
    }

    @Test func stepsThroughColumnsAndStopsAtTheEnds() {
        var model = TopModel()
        press("<", &model)
        #expect(model.sort == .watts)
        press(">>>>>>", &model)
        #expect(model.sort == .name)
        press("<", &model)
        #expect(model.sort == .kind)
    }

    @Test func groupingCyclesBothWays() {
        var model = TopModel()
        var seen: [Grouping] = []
        for _ in Grouping.standard {
            _ = model.handle(.tab)
            seen.append(model.grouping)
        }
        #expect(Set(seen) == Set(Grouping.standard))
        #expect(model.grouping == .all)
        _ = model.handle(.backTab)
        #expect(model.grouping == .owner)
        press("4", &model)
        #expect(model.grouping == .namespace)
        #expect(model.handle(.character("8")) == .none)
    }

    @Test func labelsHaveKeysWhereTheAgentHasThem() {
        var model = TopModel()
        model.groupings = Grouping.offered(by: Samples.kubernetes)
        press("9", &model)
        #expect(model.grouping == .label("app.kubernetes.io/name"))
        _ = model.handle(.tab)
        #expect(model.grouping == .all)
        _ = model.handle(.backTab)
        _ = model.handle(.backTab)
        #expect(model.grouping == .label("team"))
        // The agent was started again without them.
        model.groupings = Grouping.standard
        _ = model.handle(.tab)
        #expect(model.grouping == .container)
    }

    @Test func filterIsTypedLive() {
        var model = TopModel()
        press("/web", &model)
        #expect(model.filter == "web" && model.isEditingFilter)
        _ = model.handle(.backspace)
        _ = model.handle(.enter)
        #expect(model.filter == "we" && !model.isEditingFilter)
        press("/x", &model)
        #expect(model.filter == "wex")
        _ = model.handle(.escape)
        #expect(model.filter.isEmpty && !model.isEditingFilter)
    }

    @Test func intervalStaysWithinItsSteps() {
        var model = TopModel(interval: 1)
        for _ in 0..<20 { #expect(model.handle(.character("+")) == .reschedule) }
        #expect(model.interval == TopModel.intervals.last)
        for _ in 0..<20 { press("-", &model) }
        #expect(model.interval == TopModel.intervals.first)
        model.interval = 3600
        press("+", &model)
        #expect(model.interval == 3600)
    }

    @Test func helpTakesOneKey() {
        var model = TopModel()
        press("?", &model)
        #expect(model.panel == .help)
        press("N", &model)
        #expect(model.panel == .table && model.sort == .watts)
    }

    @Test func selectionFollowsItsRowOnceMoved() {
        var model = TopModel()
        model.fit(rows(["a", "b", "c"]), visibleRows: 2)
        model.fit(rows(["b", "a", "c"]), visibleRows: 2)
        #expect(model.selected == 0)
        _ = model.handle(.down)
        _ = model.handle(.down)
        model.fit(rows(["b", "a", "c"]), visibleRows: 2)
        #expect(model.selected == 2 && model.scroll == 1)
        model.fit(rows(["c", "b", "a"]), visibleRows: 2)
        #expect(model.selected == 0 && model.scroll == 0)
        _ = model.handle(.home)
        model.fit(rows(["a", "b", "c"]), visibleRows: 2)
        #expect(model.selected == 0)
    }

    @Test(arguments: 0..<200)
    func selectionIsAlwaysInSight(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let keys: [Key] = [.up, .down, .pageUp, .pageDown, .home, .end, .character("e"), .tab]
        var model = TopModel()
        for _ in 0..<60 {
            for _ in 0..<3 { _ = model.handle(keys.randomElement(using: &random) ?? .up) }
            let count = Int.random(in: 0...30, using: &random)
            let visible = Int.random(in: 0...12, using: &random)
            model.fit(rows((0..<count).map { "\($0)" }.shuffled(using: &random)), visibleRows: visible)
            #expect(model.selected >= 0 && model.selected < max(1, count))
            #expect(model.scroll >= 0 && model.scroll <= model.selected)
            #expect(model.selected < model.scroll + max(1, visible))
            #expect(model.scroll == 0 || model.scroll + visible <= max(count, visible))
        }
    }
}

@Suite struct GroupingTests {
    @Test func aMachineWithoutContainersOrUnitsShowsProcesses() {
        let process = Samples.process(7, "burner", workload: "cgroup:1", watts: 3)
        let bare = [Samples.workload("cgroup:1", kind: "cgroup")]
        #expect(Grouping.suited(to: Samples.snapshot(bare, processes: [process])) == .process)
        #expect(Grouping.suited(to: Samples.snapshot(bare)) == .all)
        let unit = Samples.workload("unit:/a.service", kind: "unit")
        #expect(Grouping.suited(to: Samples.snapshot(bare + [unit], processes: [process])) == .all)
    }

    @Test func everyGroupingIsWrittenAsItIsRead() {
        for grouping in Grouping.offered(by: Samples.kubernetes) { #expect(Grouping(text: grouping.text) == grouping) }
        #expect(Grouping(text: "label:a/b:c") == .label("a/b:c"))
        for text in ["", "pods", "label", "label:", "label(\"a\")"] { #expect(Grouping(text: text) == nil) }
    }

    @Test func whatTheAgentCannotAddUpByIsExplained() throws {
        for grouping in Grouping.offered(by: Samples.kubernetes) {
            #expect(grouping.problem(in: Samples.kubernetes) == nil)
        }
        let other = try #require(Grouping.label("tier").problem(in: Samples.kubernetes))
        #expect(other.contains("only by team, app.kubernetes.io/name"))
        #expect(other.hasSuffix("--kubernetes.labels team,app.kubernetes.io/name,tier"))
        let plain = Samples.snapshot()
        #expect(Grouping.owner.problem(in: plain)?.contains("--kubernetes api") == true)
        #expect(Grouping.label("team").problem(in: plain)?.hasSuffix("--kubernetes.labels team") == true)
        #expect(Grouping.pod.problem(in: plain) == nil)
    }
}

import Snapshot
import Testing

@testable import Terminal

@Suite struct FleetTests {
    private func node(_ name: String, watts: Double = 40, intensity: Double = 400) -> Snapshot {
        var snapshot = Samples.snapshot(processes: [Samples.process(7, "a", workload: "web", watts: 1)])
        snapshot.node.name = name
        snapshot.node.powerWatts = watts
        snapshot.carbon.intensityGramsPerKilowattHour = intensity
        return snapshot
    }

    private let down = NodeReport(name: "node9", snapshot: nil, problem: "connection refused")

    @Test func eachNodeIsARowWithItsWorkloads() throws {
        let whole = try #require(
            Fleet.merged([
                .init(name: "node7", snapshot: node("node7", watts: 51)), .init(name: "node8", snapshot: node("node8")),
            ]))
        #expect(whole.node.name == "2 nodes" && whole.node.powerWatts == 91 && whole.node.cpuCount == 16)
        let listing = Listing(whole, model: TopModel())
        let tops = listing.rows.filter { $0.depth == 0 }
        #expect(tops.map(\.name) == ["node7", "node8"] && tops.map(\.watts) == [51, 40])
        #expect(tops.compactMap(\.watts).reduce(0, +) == listing.sum.watts)
        #expect(listing.rows.filter { $0.name == "pod-a/web" }.map(\.id) == ["node7/web", "node8/web"])
        let pods = Listing(whole, model: TopModel(grouping: .pod)).rows
        #expect(pods.first?.place == "node7/shop" || pods.first?.place == "node8/shop")
        let filtered = Listing(whole, model: TopModel(grouping: .pod, filter: "node=node8")).rows
        #expect(!filtered.isEmpty && filtered.allSatisfy { $0.id.hasPrefix("node8/") })
        #expect(Set(whole.processes.map(Row.id)).count == 2)
    }

    /// What no process used is what is left of the workloads: idle power is none of it.
    @Test func ofProcessesTheRestHasNoIdlePower() throws {
        let alone = node("node7")
        let whole = try #require(
            Fleet.merged([.init(name: "node7", snapshot: alone), .init(name: "node8", snapshot: node("node8"))]))
        func rest(_ snapshot: Snapshot) -> Double? {
            Listing(snapshot, model: TopModel(grouping: .process)).rows.first { $0.kind == "rest" }?.watts
        }
        let one = try #require(rest(alone))
        #expect(one > 0)
        #expect(abs((rest(whole) ?? 0) - 2 * one) < 1e-9)
        #expect(Grouping.suited(to: whole) == .all)
    }

    @Test func oneThatIsDownDoesNotSpoilTheRest() throws {
        let whole = try #require(Fleet.merged([.init(name: "node7", snapshot: node("node7")), down]))
        #expect(whole.node.name == "1 of 2 nodes" && whole.node.powerWatts == 40)
        let row = try #require(Listing(whole, model: TopModel()).rows.first { $0.name.hasPrefix("node9") })
        #expect(row.watts == nil && row.name == "node9 (no answer)")
        #expect(whole.agent.notices == ["node9: connection refused"])
        #expect(Fleet.merged([down]) == nil)
    }

    @Test func gridsCountByTheirPower() throws {
        let whole = try #require(
            Fleet.merged([
                .init(name: "a", snapshot: node("a", watts: 30, intensity: 100)),
                .init(name: "b", snapshot: node("b", watts: 10, intensity: 500)),
            ]))
        #expect(whole.carbon.intensityGramsPerKilowattHour * whole.carbon.pue == 300)
    }

    @Test func sumsByOwnerAreThoseOfAllNodes() throws {
        let reports = ["a", "b"].map { NodeReport(name: $0, snapshot: Samples.kubernetes) }
        let whole = try #require(Fleet.merged(reports))
        let web = try #require(Listing(whole, model: TopModel(grouping: .owner)).rows.first)
        #expect(web.name == "Deployment/web" && web.watts == 8 && web.joules == 120)
    }
}

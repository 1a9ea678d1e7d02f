import Accounting
import Attribution
import Recording
import Simulation
import Testing
import Units

@Suite struct DemoNodeTests {
    /// A day of it, a tick every ten minutes.
    private func day(startingAt start: Double) -> [RecordedTick] {
        var node = DemoNode(startingAt: start, step: 600)
        return (0...144).compactMap { _ in node.next() }
    }

    /// The nineteenth of November 2026 was a Thursday.
    private static let thursday = 1_795_046_400.0

    @Test func theSameTimeIsTheSameLoad() {
        #expect(day(startingAt: Self.thursday) == day(startingAt: Self.thursday))
        #expect(day(startingAt: Self.thursday) != day(startingAt: Self.thursday + 86_400))
    }

    /// Jobs come with their cgroups and names, and go.
    @Test func jobsComeAndGo() {
        let ticks = day(startingAt: Self.thursday)
        let removed = ticks.flatMap { $0.sample?.removed ?? [] }
        // The export of the night and the training of the day, each with its pod, and the notebook.
        #expect(removed.count == 6)
        let names = ticks.flatMap(\.names.changes)
        #expect(names.count > 2 * 13)
        // At weekends nobody trains.
        let saturday = day(startingAt: Self.thursday + 2 * 86_400)
        #expect(saturday.flatMap { $0.sample?.removed ?? [] }.count == 2)
    }

    /// Energy is what the formula says of the load, to the microjoule.
    @Test func energyFollowsTheLoad() throws {
        var charged: UInt64 = 0
        for tick in day(startingAt: Self.thursday) {
            let now = try #require(tick.sample?.cpu?.charged)
            let readings = tick.meters[0].readings.last?.zones ?? []
            defer { charged = now }
            guard tick.meters[0].openings.isEmpty else {
                #expect(readings.isEmpty)
                continue
            }
            let busy = Double(now - charged) / 600 / 1e9
            #expect(busy > 0.5 && busy < Double(DemoNode.cpus))
            let watts = DemoNode.watts(busy: busy)
            #expect(abs(Double(readings[0].energy.count) / 600e6 - watts.package) < 1e-3)
            #expect(abs(Double(readings[1].energy.count) / 600e6 - watts.dram) < 1e-3)
        }
    }
}

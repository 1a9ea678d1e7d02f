import Snapshot
import Synchronization
import TestSupport
import Testing

@testable import History

@Suite struct RecorderTests {
    /// 2026-01-02 03:00:00 UTC.
    private static let start = 1_767_322_800.0

    private func energy(_ minute: HistoryRecorder.Minute?, _ workload: HistoryWorkload) -> [Int64]? {
        minute?.period.usage[workload]?.energy.map(\.sum)
    }

    private func container(_ owner: String, _ pod: String) -> HistoryWorkload {
        var workload = HistoryWorkload(kind: "container")
        workload.namespace = "shop"
        (workload.ownerKind, workload.ownerName) = ("Deployment", owner)
        (workload.pod, workload.container) = (pod, "app")
        workload.labels = ["team": "t-\(owner)"]
        return workload
    }

    @Test func aMinuteHasWhatEachWorkloadUsedItself() throws {
        var node = ScriptedCounters(at: Self.start)
        node.add("kubepods")
        node.addPod("web-1", owner: "web")
        var recorder = HistoryRecorder()
        var minute: HistoryRecorder.Minute?
        for _ in 0..<60 {
            node.run("container-web-1", [1000, 10], cpu: 0.5)
            node.run("pod-web-1", [7, 0])
            node.rest([500, 50])
            minute = recorder.take(node.tick())
        }
        let period = try #require(minute?.period)
        #expect(period.start == Int64(Self.start))
        #expect(period.seconds == 60)
        #expect(energy(minute, container("web", "web-1")) == [60_000, 600])
        #expect(period.usage[container("web", "web-1")]?.cpuMicroseconds == 30_000_000)
        #expect(energy(minute, HistoryWorkload(.idle)) == [30_000, 3000])
        // The pod itself, not what its container used.
        let pods = period.usage.filter { $0.key.kind == "pod" }
        #expect(pods.values.map { $0.energy.map(\.sum) } == [[420, 0]])
        #expect(period.usage.count == 3)
        #expect(period.microjoules == 60 * (1000 + 10 + 7 + 500 + 50))
        // 360 g/kWh are 0.1 ug for each mJ.
        #expect(period.usage[container("web", "web-1")]?.emissionsMicrograms == 6)
    }

    /// Whatever comes and goes, a minute has exactly what the node used in it.
    @Test(arguments: 0..<8) func minutesAddUpToTheNode(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var node = ScriptedCounters(at: Self.start)
        node.add("kubepods")
        node.add("system")
        var recorder = HistoryRecorder()
        var (recorded, names): ([UInt64], Int) = ([0, 0], 0)
        for _ in 0..<600 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                names += 1
                node.addPod("p\(names)", owner: "web", in: Bool.random(using: &random) ? "kubepods" : nil)
            case 1:
                let parents = Set(node.places.values.compactMap(\.parent) + ["kubepods"])
                let leaves = node.order.filter { !parents.contains($0) }
                if let id = leaves.randomElement(using: &random) { node.retire(id) }
            case 2:
                // A pod joins a namespace with all that it has used.
                if let id = node.order.filter({ $0.hasPrefix("pod") }).randomElement(using: &random),
                    let parent = node.places[id]?.parent
                {
                    let past = node.places[id]?.dynamic ?? [0, 0]
                    if node.places["ns"] == nil { node.add("ns", kind: "namespace", name: "shop") }
                    for zone in 0..<2 { node.places[parent]?.dynamic[zone] -= past[zone] }
                    for zone in 0..<2 { node.places["ns"]?.dynamic[zone] += past[zone] }
                    node.places[id]?.parent = "ns"
                }
            default: break
            }
            for id in node.order where Bool.random(using: &random) {
                node.run(
                    id, [UInt64.random(in: 0..<1_000_000, using: &random), UInt64.random(in: 0..<9, using: &random)])
            }
            node.rest([3, 1])
            guard let minute = recorder.take(node.tick()), !minute.period.isEmpty else { continue }
            let sums = (0..<2).map { zone in minute.period.usage.values.reduce(0) { $0 + $1.energy[zone].sum } }
            #expect(sums == (0..<2).map { Int64(node.node[$0] - recorded[$0]) })
            recorded = node.node
            #expect(minute.period.usage[HistoryWorkload(.unattributed)] == nil)
        }
        #expect(recorded != [0, 0])
    }

    @Test func aWorkloadThatCameAndWentWithinAMinuteCountsForItsParent() throws {
        var node = ScriptedCounters(at: Self.start)
        node.add("system")
        var recorder = HistoryRecorder()
        _ = recorder.take(node.tick())
        node.add("job", in: "system")
        node.run("job", [50, 5])
        _ = recorder.take(node.tick())
        node.retire("job")
        let minute = recorder.take(node.tick(60))
        let parent = try #require(minute?.period.usage.first { $0.key.path == "/system" })
        #expect(parent.value.energy.map(\.sum) == [50, 5])
    }

    /// A part of the node's energy that no row has, for whatever reason, is not lost.
    @Test func whatNoPartHasIsNotAttributed() {
        var node = ScriptedCounters(at: Self.start)
        node.add("system")
        var recorder = HistoryRecorder()
        _ = recorder.take(node.tick())
        node.run("system", [10, 0])
        node.node[0] += 7
        let minute = recorder.take(node.tick(60))
        #expect(energy(minute, HistoryWorkload(.unattributed)) == [7, 0])
        #expect(minute?.period.microjoules == 17)
    }

    @Test func afterARestartThatKeptCountersTheBeginningIsWhereTheyAre() {
        var node = ScriptedCounters(at: Self.start)
        node.add("system")
        node.run("system", [1000, 100])
        node.processStart = Self.start + 30
        var recorder = HistoryRecorder()
        let first = recorder.take(node.tick(31))
        #expect(first?.beginning == HistoryRecorder.Mark(epoch: node.epoch, zones: ["package-0": 1000, "dram": 100]))
        #expect(first?.mark == first?.beginning)
        node.run("system", [7, 0])
        let minute = recorder.take(node.tick(60))
        #expect(minute?.period.microjoules == 7)
        #expect(minute?.beginning == nil)
        #expect(minute?.mark?.zones == ["package-0": 1007, "dram": 100])
        node.run("system", [1, 1])
        #expect(recorder.take(node.tick(60))?.period.microjoules == 2)
    }

    /// Counters that begin anew count in full, the first window included.
    @Test func theFirstWindowOfNewCountersCounts() {
        var node = ScriptedCounters(at: Self.start)
        node.add("system")
        node.run("system", [1000, 100])
        var recorder = HistoryRecorder()
        _ = recorder.take(node.tick())
        #expect(recorder.take(node.tick(60))?.period.microjoules == 1100)
    }

    @Test func aClockThatJumpsMovesMinutesAndLosesNothing() {
        var node = ScriptedCounters(at: Self.start)
        node.add("system")
        var recorder = HistoryRecorder()
        var starts: [Int64] = []
        var sum: Int64 = 0
        let jumps: [Double] = [1, 1, 7200, 1, 1, -3600, 1, 1, 34_560_000, 1, -69_120_000, 1]
        for jump in jumps {
            node.run("system", [10, 0])
            var snapshot = node.tick(jump)
            snapshot.windowSeconds = 1
            guard let minute = recorder.take(snapshot), !minute.period.isEmpty else { continue }
            starts.append(minute.period.start - Int64(Self.start))
            sum += minute.period.microjoules
        }
        sum += recorder.finish()?.period.microjoules ?? 0
        #expect(starts == [0, 7200, 3600, 34_563_600])
        #expect(sum == 120)
    }

    @Test func aZoneThatComesLaterCountsFromZero() throws {
        var node = ScriptedCounters(at: Self.start)
        node.add("system")
        node.run("system", [10, 5])
        var recorder = HistoryRecorder()
        var first = node.tick()
        // Before the memory's meter was found, and in another order.
        first.node.zones = [first.node.zones[0]]
        _ = recorder.take(first)
        node.run("system", [1, 1])
        var second = node.tick(60)
        second.node.zones.reverse()
        let minute = recorder.take(second)
        #expect(minute?.period.zones.map(\.name) == ["dram", "package-0"])
        let system = try #require(minute?.period.usage.first { $0.key.path == "/system" })
        #expect(system.value.energy.map(\.sum) == [6, 11])
    }

    /// An agent that is killed within its first minute has told where it began.
    @Test func theBeginningIsMarked() {
        var node = ScriptedCounters(at: Self.start)
        node.add("system")
        node.run("system", [1000, 100])
        var fresh = HistoryRecorder()
        let first = fresh.take(node.tick())
        #expect(first?.period.microjoules == 0)
        #expect(first?.mark == HistoryRecorder.Mark(epoch: Self.start, zones: ["package-0": 0, "dram": 0]))
        node.processStart = Self.start + 5
        var later = HistoryRecorder()
        #expect(later.take(node.tick())?.mark?.zones == ["package-0": 1000, "dram": 100])
    }

    /// Each workload is asked about once; a name that root gave too is no user's.
    @Test func whatUsersMadeIsKnown() throws {
        var node = ScriptedCounters(at: Self.start)
        for name in ["system", "mine-1", "mine-2"] { node.add(name) }
        node.add("other-1", name: "both")
        let asked = Asked()
        var recorder = HistoryRecorder { workload in
            asked.names.withLock { $0.append(workload.name) }
            return workload.name.hasPrefix("mine")
        }
        _ = recorder.take(node.tick())
        for _ in 0..<3 {
            for name in node.order { node.run(name, [10, 0]) }
            let period = try #require(recorder.take(node.tick(60))?.period)
            #expect(Set(period.userMade.compactMap(\.path)) == ["/mine-1", "/mine-2"])
        }
        #expect(asked.names.withLock(\.count) == 4)
    }

    private final class Asked: Sendable {
        let names = Mutex<[String]>([])
    }

    @Test func theEndOfTheAgentEndsTheMinute() {
        var node = ScriptedCounters(at: Self.start)
        node.add("system")
        var recorder = HistoryRecorder()
        #expect(recorder.finish() == nil)
        for _ in 0..<10 {
            node.run("system", [10, 0])
            _ = recorder.take(node.tick())
        }
        #expect(recorder.finish()?.period.microjoules == 100)
        #expect(recorder.finish() == nil)
    }
}

import Runs
import Snapshot
import SnapshotSamples
import Testing

@Suite struct FiguresTests {
    private static let id: UInt64 = 77
    private static let name = "energyd-run-1000-4711-1"

    /// A snapshot with the cgroup of a run in it.
    private func snapshot(
        package: (UInt64, UInt64) = (12_400_000, 600_000), cpuSeconds: Double = 3.5, watts: Double? = 6,
        _ change: (inout Snapshot) -> Void = { _ in }
    ) -> Snapshot {
        var snapshot = fullSnapshot()
        snapshot.workloads.append(
            Snapshot.Workload(
                id: "cgroup:77", kind: "cgroup", name: "run", cgroupPath: "/a.scope/\(Self.name)", cgroupId: Self.id,
                parentId: nil, isAlive: true, cpuSeconds: cpuSeconds, cpuUsage: 1, contextSwitches: 1,
                powerWatts: watts, emissionsGrams: 0.25,
                zones: [
                    "package-0": .init(dynamicMicrojoules: package.0, staticMicrojoules: package.1),
                    "dram": .init(dynamicMicrojoules: 1_000_000, staticMicrojoules: 0),
                ], labels: [:]))
        change(&snapshot)
        return snapshot
    }

    private func figures(
        from before: Snapshot? = nil, to after: Snapshot, wall: Double = 2
    ) throws(MissingRun) -> RunFigures {
        try RunFigures(of: Self.id, name: Self.name, from: before, to: after, wallSeconds: wall)
    }

    @Test func aNewCgroupHasUsedWhatItShows() throws {
        let run = try figures(to: snapshot())
        #expect(run.zones.names == ["package-0", "dram"])
        let package = try #require(run.zones["package-0"])
        #expect(package.dynamicMicrojoules == 12_400_000 && package.staticMicrojoules == 600_000)
        // The meter measures; the idle power that the dynamic part is split from is extrapolated.
        #expect(package.source == "rapl" && package.meterQuality == "measured" && package.quality == "modelled")
        #expect(package.idleMicrojoules == 23_000_000)
        // Nothing is known of the idle power of this zone.
        #expect(try #require(run.zones["dram"]).idleMicrojoules == nil)
        #expect(run.joules == 14 && run.averageWatts == 7 && run.cpuSeconds == 3.5 && run.emissionsGrams == 0.25)
        #expect(run.shares.map(\.quality) == ["modelled", "estimated"])
        #expect(abs(run.shares[0].share - 13.0 / 14) < 1e-12)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan, 1e300, -1])
    func absurdFiguresAreNotTheEnd(_ watts: Double) throws {
        let run = try figures(
            to: snapshot(package: (.max, .max)) { snapshot in
                for index in snapshot.node.zones.indices { snapshot.node.zones[index].staticWatts = watts }
            })
        #expect(run.zones["package-0"]?.microjoules == .max && run.joules.map { $0 > 1e13 } == true)
    }

    @Test func anOldCgroupHasUsedTheGrowth() throws {
        let run = try figures(from: snapshot(package: (12_000_000, 600_001), cpuSeconds: 3), to: snapshot())
        #expect(run.zones["package-0"]?.dynamicMicrojoules == 400_000)
        #expect(run.zones["package-0"]?.staticMicrojoules == 0)
        #expect(run.zones["dram"]?.microjoules == 0 && run.cpuSeconds == 0.5 && run.emissionsGrams == 0)
    }

    /// What an agent measured before it was restarted is not added to what another measures.
    @Test func anAgentThatWasRestartedIsNoticed() throws {
        let after = snapshot { $0.agent.processStartUnixTime = 1_767_322_800.25 }
        func figures(_ start: Double?) throws(MissingRun) -> RunFigures {
            try RunFigures(of: Self.id, name: Self.name, to: after, processStart: start, wallSeconds: 2)
        }
        #expect(try figures(1_767_322_800.25).joules == 14)
        #expect(throws: MissingRun.restarted) { try figures(1_767_322_790) }
        #expect(MissingRun.restarted.description.contains("restarted"))
    }

    @Test func anotherCgroupIsNotTaken() {
        #expect(throws: MissingRun.unknown) {
            try figures(
                to: snapshot {
                    $0.workloads.removeLast(); $0.agent.cgroupsFolded = 0
                })
        }
        #expect(throws: MissingRun.unknown) {
            // Of another machine, with the same number.
            try figures(
                to: snapshot {
                    $0.workloads[$0.workloads.count - 1].cgroupPath = "/other"
                    $0.agent.cgroupsFolded = 0
                })
        }
        #expect(throws: MissingRun.hidden(in: "(other)")) {
            try figures(
                to: snapshot {
                    $0.workloads.removeLast(); $0.agent.cgroupsFolded = 3
                })
        }
    }

    @Test func whatIsUnknownIsAbsent() throws {
        let run = try figures(to: snapshot { $0.forgetPower() })
        #expect(run.zones.isEmpty && run.joules == nil && run.averageWatts == nil && run.emissionsGrams == nil)
        #expect(run.cpuSeconds == 3.5 && run.shares.isEmpty)
        let command = MeasuredCommand(words: ["x"], runs: [run], exitCode: 0)
        let json = String(decoding: try RunDocument(command, RunContext(measuredBy: "m")).json(), as: UTF8.self)
        #expect(!json.contains("energyJoules\":null") && !json.contains("averageWatts") && !json.contains("emissions"))
    }

    @Test func aSnapshotCoversWhatEndedBeforeItsTick() {
        let later = snapshot { $0.agent.tickSeconds = 0.01 }
        #expect(later.covers(unixTime: later.unixTime - 0.03))
        #expect(!later.covers(unixTime: later.unixTime - 0.015))
        #expect(!later.covers(unixTime: later.unixTime + 1))
    }

    @Test func thePeakIsOfWindowsWithinTheRun() {
        func window(_ end: Double, _ watts: Double?) -> Snapshot {
            snapshot(watts: watts) {
                $0.unixTime = end
                $0.windowSeconds = 1
                $0.agent.tickSeconds = 0
            }
        }
        var peak = PowerPeak(of: Self.id, since: 100)
        peak.add(window(100.9, 50))
        #expect(peak.watts(until: 110) == nil)
        for (end, watts) in [(101.9, 5), (102.9, 9), (103.9, nil), (104.9, 7), (105.9, 30)] as [(Double, Double?)] {
            peak.add(window(end, watts))
        }
        #expect(peak.watts(until: 105) == 9 && peak.watts(until: 106) == 30 && peak.watts(until: 101) == nil)
    }
}

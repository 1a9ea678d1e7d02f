import Accounting
import Testing

@testable import Ledger

@Suite struct ProcessesTests {
    private func report(_ cgroup: UInt64, _ pid: Int32, _ time: UInt64, _ name: String, exited: Bool = false)
        -> AccountingSample.ProcessUsage
    {
        AccountingSample.ProcessUsage(
            cgroup: cgroup, pid: pid, cpuNanoseconds: time, comm: name, hasExited: exited)
    }

    /// One window of a cgroup, its processes and its energy.
    private func tick(
        _ ledger: inout Ledger, _ readings: [UInt64: UInt64], _ reports: [AccountingSample.ProcessUsage],
        energy: [UInt64: UInt64] = [:]
    ) {
        ledger.beginWindow()
        for (cgroup, time) in readings.sorted(by: { $0.key < $1.key }) {
            ledger.use(.init(cgroup: cgroup, counters: UsageCounters(cpuNanoseconds: time)), isBase: false)
        }
        ledger.update(reports, isBase: false)
        ledger.endWindow(energy: energy)
    }

    /// They are read after their cgroup: between the two readings both have run a little longer.
    @Test func processesGetNoMoreThanTheirWorkload() throws {
        var ledger = Ledger(retention: 60, retentionLimit: 10)
        ledger.add(cgroup: 7, path: "/a.service")
        for round in UInt64(1)...2 {
            let reports = [report(7, 1, round * 510, "one"), report(7, 2, round * 510, "two")]
            tick(&ledger, [7: round * 1000], reports, energy: [7: 1_000_000])
        }
        let energies = ledger.processes.commands.saved().map { $0.totals.dynamicEnergy(0) }
        #expect(energies == [1_000_000, 1_000_000], "\(energies)")
    }

    /// A process may be reported for some ticks more than its workload is shown. The workload that has the
    /// index by then must not be affected.
    @Test func aPlaceThatIsUsedAgainGivesNothingToTheProcessesOfTheOneBefore() throws {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/s.slice")
        ledger.add(cgroup: 7, path: "/s.slice/old.service")
        tick(&ledger, [7: 1000], [report(7, 1, 1000, "old")], energy: [7: 500])
        ledger.remove(cgroup: 7, at: 1)
        ledger.forget(cgroup: 7)
        ledger.retire(at: 1)
        ledger.add(cgroup: 8, path: "/s.slice/new.service", at: 2)
        tick(&ledger, [8: 3000], [report(7, 1, 2000, "old"), report(8, 2, 3000, "new")], energy: [8: 900])
        let commands = ledger.processes.commands.saved()
        #expect(commands.map(\.name) == ["new"] && commands.map(\.workload) == ["unit:/s.slice/new.service"])
        #expect(commands.first?.totals.dynamicEnergy(0) == 900)
        #expect(ledger.processes.places.map { ledger.processes[$0].pid } == [2])
    }

    @Test func aProcessThatIsNotReportedAnyMoreIsDropped() {
        var ledger = Ledger(retention: 60, retentionLimit: 10)
        ledger.add(cgroup: 7, path: "/a.service")
        tick(&ledger, [:], [report(7, 1, 10, "one"), report(7, 2, 10, "two")])
        tick(&ledger, [:], [report(7, 1, 10, "one"), report(7, 2, 20, "two", exited: true)])
        #expect(ledger.processes.places.map { ledger.processes[$0].pid } == [1, 2])
        tick(&ledger, [:], [report(7, 1, 10, "one")])
        #expect(ledger.processes.places.map { ledger.processes[$0].pid } == [1])
        // A report may be lost.
        for _ in 0..<5 { tick(&ledger, [:], []) }
        #expect(ledger.processes.places.map { ledger.processes[$0].pid } == [1])
        tick(&ledger, [:], [])
        #expect(Array(ledger.processes.places).isEmpty)
        #expect(ledger.processes.commands.saved().map(\.totals.cpuNanoseconds) == [10, 20])
    }

    /// A process whose cgroup turns out to be part of another workload is that one's from then on.
    @Test func aProcessFollowsItsCgroup() throws {
        var ledger = Ledger(retention: 60, retentionLimit: 10)
        ledger.add(cgroup: 7, path: "/a.service")
        tick(&ledger, [7: 10], [report(7, 1, 10, "sh")])
        ledger.rename(cgroup: 7, path: "/b.service", at: 1)
        tick(&ledger, [7: 10], [report(7, 1, 10, "sh")])
        #expect(ledger.processes.places.map { ledger.processes[$0].workloadKey } == ["unit:/b.service"])
        tick(&ledger, [7: 40], [report(7, 1, 40, "sh")], energy: [7: 70])
        let commands = ledger.processes.commands.saved()
        #expect(commands.map(\.workload) == ["unit:/a.service", "unit:/b.service"])
        #expect(commands.map(\.totals.cpuNanoseconds) == [10, 30])
        #expect(commands.map { $0.totals.dynamicEnergy(0) } == [0, 70])
    }

    /// Any user chooses names of processes: memory stays bounded, and no time is lost.
    @Test func namesWithoutEndAreAddedUp() {
        var ledger = Ledger(retention: 60, retentionLimit: 10)
        ledger.add(cgroup: 7, path: "/a.service")
        for round in 0..<3 {
            let reports = (0..<900).map { report(7, Int32(round * 900 + $0), 5, "n\(round)-\($0)", exited: true) }
            tick(&ledger, [:], reports)
        }
        let commands = ledger.processes.commands.saved()
        #expect(commands.count <= 1001 && commands.contains { $0.name == "(other)" })
        #expect(commands.reduce(0) { $0 + $1.totals.cpuNanoseconds } == 3 * 900 * 5)
    }
}

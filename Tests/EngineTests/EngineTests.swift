import Accounting
import Attribution
import Composition
import Engine
import Glibc
import Linux
import Logging
import Snapshot
import TestSupport
import Testing
import Units

@Suite struct EngineTests {
    private func workload(_ snapshot: Snapshot, _ path: String) throws -> Snapshot.Workload {
        try #require(snapshot.workloads.first { $0.cgroupPath == path }, "\(path)")
    }

    @Test func dynamicEnergyGoesByCPUTime() throws {
        let host = try FakeHost()
        for path in ["/a", "/b"] { try host.makeCgroup(path) }
        let engine = try host.makeEngine { $0.idlePower = .components([.package: Watts(0.001)]) }
        try host.run("/a", microseconds: 3000)
        try host.run("/b", microseconds: 9000)
        try host.draw("intel-rapl:0", microjoules: 4_000_000)
        let snapshot = try host.tick(engine)
        let a = try #require(workload(snapshot, "/a").zones["package-0"]).dynamicMicrojoules
        let b = try #require(workload(snapshot, "/b").zones["package-0"]).dynamicMicrojoules
        #expect(a > 900_000)
        #expect(abs(Int64(b) - 3 * Int64(a)) <= 3)
        #expect(try workload(snapshot, "/a").cpuSeconds == 0.003)
    }

    @Test func whatWasBeforeTheStartIsNotCounted() throws {
        let host = try FakeHost()
        try host.makeCgroup("/old")
        try host.run("/old", microseconds: 50_000_000)
        try host.draw("intel-rapl:0", microjoules: 9_000_000_000)
        let engine = try host.makeEngine()
        let snapshot = try host.tick(engine)
        #expect(try workload(snapshot, "/old").cpuSeconds == 0)
        #expect(snapshot.node.zones.allSatisfy { $0.energyMicrojoules == 0 })
    }

    @Test func theTimeOfARemovedChildIsNotItsParents() throws {
        let host = try FakeHost()
        try host.makeCgroup("/p")
        try host.makeCgroup("/p/child")
        let engine = try host.makeEngine()
        try host.run("/p/child", microseconds: 5_000_000)
        _ = try host.tick(engine)
        host.removeCgroup("/p/child")
        let snapshot = try host.tick(engine)
        // Inclusive: what the child used, once.
        #expect(try workload(snapshot, "/p").cpuSeconds == 5)
        #expect(try workload(snapshot, "/p").cpuUsage == 0)
        let child = try workload(snapshot, "/p/child")
        #expect(!child.isAlive && child.cpuSeconds == 5)
        #expect(try child.parentId == workload(snapshot, "/p").id)
    }

    @Test func aUnitThatIsStartedAgainGoesOnAndAPlainCgroupDoesNot() throws {
        let host = try FakeHost()
        let engine = try host.makeEngine()
        for round in 1...2 {
            for path in ["/s.service", "/plain"] {
                try host.makeCgroup(path)
                try host.run(path, microseconds: 1_000_000)
            }
            let snapshot = try host.tick(engine)
            #expect(try workload(snapshot, "/s.service").cpuSeconds == Double(round))
            #expect(
                snapshot.workloads.filter { $0.cgroupPath == "/plain" }.map(\.cpuSeconds)
                    == Array(repeating: 1, count: round))
            for path in ["/s.service", "/plain"] { host.removeCgroup(path) }
            // The inode of a removed directory may be used again: the kernel's cgroups never do that.
            for number in 1...4 { try host.makeCgroup("/keep\(round)-\(number)") }
            _ = try host.tick(engine)
        }
    }

    @Test func aContainersSubCgroupsAreTheContainers() throws {
        let host = try FakeHost()
        let engine = try host.makeEngine()
        let id = String(repeating: "b7", count: 32)
        let pod = "/kubepods/burstable/pod0c3e8a52-1111-4222-8333-444455556666"
        for path in ["/kubepods", "/kubepods/burstable", pod, "\(pod)/\(id)", "\(pod)/\(id)/init"] {
            try host.makeCgroup(path)
        }
        try host.run("\(pod)/\(id)/init", microseconds: 2_000_000)
        try host.run("\(pod)/\(id)", microseconds: 1_000_000)
        let snapshot = try host.tick(engine)
        let containers = snapshot.workloads.filter { $0.kind == "container" }
        #expect(containers.map(\.cpuSeconds) == [3])
        #expect(containers.first?.labels["container.id"] == id)
        let parent = snapshot.workloads.first { $0.id == containers.first?.parentId }
        #expect(parent?.kind == "pod" && parent?.cpuSeconds == 3 && parent?.parentId == nil)
    }

    @Test func aMeterThatFailsStopsNothing() throws {
        let host = try FakeHost()
        let engine = try host.makeEngine()
        try host.draw("intel-rapl:0", microjoules: 1000)
        _ = try host.tick(engine)
        host.rapl.makeUnreadable("intel-rapl:0")
        try host.draw("intel-rapl:0:0", microjoules: 500)
        let broken = try host.tick(engine)
        #expect(broken.node.zones.first { $0.name == "package-0" }?.isUp == false)
        #expect(broken.node.zones.first { $0.name == "package-0" }?.energyMicrojoules == 1000)
        #expect(broken.node.zones.first { $0.name == "dram-0" }?.energyMicrojoules == 500)
        #expect(broken.agent.sources.first?.errors == 1)
        #expect(broken.agent.sources.first?.lastError?.contains("energy_uj") == true)
        try host.rapl.makeReadable("intel-rapl:0", 2500)
        let mended = try host.tick(engine)
        #expect(mended.node.zones.first { $0.name == "package-0" }?.energyMicrojoules == 2500)
        #expect(mended.conservationError(of: mended.node.zones[0]) == 0)
    }

    @Test func withoutAnyMeterPowerIsEstimatedAndMarked() throws {
        let host = try FakeHost()
        host.rapl.remove("intel-rapl:0")
        let engine = try host.makeEngine()
        let snapshot = try host.tick(engine)
        #expect(snapshot.node.zones.map(\.quality) == ["estimated"])
        #expect(try #require(snapshot.node.powerWatts) > 0)
        // Files do not report context switches.
        #expect(snapshot.workloads.allSatisfy { $0.contextSwitches == nil && $0.scheduling == nil })
        #expect(snapshot.agent.notices.contains { $0.contains("estimated") && $0.contains("powercap") })
    }

    @Test func aMachineWithoutCgroupsIsOneWorkload() throws {
        let host = try FakeHost()
        host.removeCgroup("")
        let engine = try host.makeEngine()
        let snapshot = try host.tick(engine)
        #expect(snapshot.workloads.map(\.cgroupPath) == ["/"])
        #expect(snapshot.tier == "procfs")
    }

    @Test func theTierThatWasAskedForOrNone() throws {
        let host = try FakeHost()
        host.removeCgroup("")
        var configuration = EngineConfiguration(interval: .seconds(1), retention: .seconds(600))
        configuration.paths = host.paths
        configuration.accounting.tier = .ebpf
        #expect(throws: TierUnavailable.self) {
            try Engine(configuration: configuration, logger: .init(label: "t") { _ in SwiftLogNoOpLogHandler() })
        }
    }

    /// Any user who may create cgroups can name one after another user's container.
    @Test func nobodyIsBilledForAnothersCgroup() throws {
        let host = try FakeHost()
        let id = String(repeating: "5e", count: 32)
        let victim = "/system.slice/docker-\(id).scope"
        let forged = "/user.slice/user@1000.service/docker-\(id).scope"
        for path in ["/system.slice", victim, "/user.slice", "/user.slice/user@1000.service"] {
            try host.makeCgroup(path)
        }
        let engine = try host.makeEngine()
        _ = try host.tick(engine)
        try host.makeCgroup(forged)
        try host.run(forged, microseconds: 900_000)
        let snapshot = try host.tick(engine)
        #expect(try workload(snapshot, victim).cpuSeconds == 0)
        let own = try workload(snapshot, forged)
        #expect(own.cpuSeconds == 0.9 && own.kind == "cgroup" && own.labels["container.id"] == nil)
        #expect(try own.parentId == workload(snapshot, "/user.slice/user@1000.service").id)
        #expect(Set(snapshot.workloads.map(\.id)).count == snapshot.workloads.count)
    }

    /// A child that cannot be read for a tick: its time is not charged twice, and no earlier time is charged.
    @Test func anUnreadableCgroupIsNeitherLostNorCountedTwice() throws {
        let host = try FakeHost()
        for path in ["/p", "/p/c"] { try host.makeCgroup(path) }
        try host.run("/p/c", microseconds: 70_000_000)
        try host.corrupt("/p/c")
        let engine = try host.makeEngine()
        #expect(try host.tick(engine).node.cpuSeconds == 0)
        try host.mend("/p/c")
        #expect(try host.tick(engine).node.cpuSeconds == 0)
        try host.corrupt("/p/c")
        try host.run("/p/c", microseconds: 1_000_000, storing: false)
        _ = try host.tick(engine)
        try host.mend("/p/c")
        try host.run("/p/c", microseconds: 1_000_000)
        let parent = try workload(host.tick(engine), "/p").cpuSeconds
        try host.run("/p", microseconds: 3_000_000)
        let total = try workload(host.tick(engine), "/p").cpuSeconds
        #expect(parent == 3, "1 s taken for the parent's own and 2 s of the child")
        #expect(total == 5, "the second too many is taken back")
    }

    @Test func theMachinesCounterMayStallWhileTheKernelsGrows() throws {
        let host = try FakeHost()
        host.removeCgroup("")
        try host.setMachine(busyTicks: 300_000, kernelTicks: 100)
        let engine = try host.makeEngine()
        _ = try host.tick(engine)
        try host.setMachine(busyTicks: 300_000, kernelTicks: 101)
        #expect(try host.tick(engine).node.cpuSeconds < 0.1)
        try host.setMachine(busyTicks: 300_100, kernelTicks: 101)
        let seconds = try host.tick(engine).node.cpuSeconds
        #expect(abs(seconds - 100 / Double(clockTicksPerSecond)) < 1e-6)
    }

    @Test func aUnitInAnotherCgroupIsShownWithThatOne() throws {
        let host = try FakeHost()
        let engine = try host.makeEngine()
        try host.makeCgroup("/r.service")
        let first = try workload(host.tick(engine), "/r.service").cgroupId
        // Restarted between two ticks: the new one appears before the removal of the old one is known.
        try host.makeCgroup("/r.service.new")
        host.removeCgroup("/r.service")
        try host.rename("/r.service.new", to: "/r.service")
        let second = try workload(host.tick(engine), "/r.service")
        #expect(second.cgroupId != first && second.isAlive)
    }

    @Test func aTickThatFailsIsCountedAndTheNextCoversIt() throws {
        let host = try FakeHost()
        try host.makeCgroup("/a")
        let engine = try host.makeEngine()
        _ = try host.tick(engine)
        try host.draw("intel-rapl:0", microjoules: 1000)
        try host.run("/a", microseconds: 500_000)
        try host.hideCgroups(true)
        #expect(throws: HostError.self) { try host.tick(engine) }
        try host.hideCgroups(false)
        try host.draw("intel-rapl:0", microjoules: 1000)
        try host.run("/a", microseconds: 500_000)
        let snapshot = try host.tick(engine)
        #expect(snapshot.agent.faults["ticks_failed"] == 1)
        #expect(try workload(snapshot, "/a").cpuSeconds == 1)
        let package = try #require(snapshot.node.zones.first { $0.name == "package-0" })
        #expect(package.energyMicrojoules == 2000 && snapshot.conservationError(of: package) == 0)
    }
}

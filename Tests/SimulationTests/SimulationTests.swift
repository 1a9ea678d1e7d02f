import Linux
import Simulation
import TestSupport
import Testing

@Suite struct SimulationTests {
    @Test func theTruthAddsUp() {
        var model = MachineModel()
        model.package = .init(idle: 30, perCPU: 10)
        model.workloads["/heavy"] = (package: 20, dram: 5)
        model.platform = 40
        var truth = SimulationTruth()
        for _ in 0..<10 {
            truth.advance(model, seconds: 0.5, busy: 1, workloads: ["/heavy": 0.25, "/usual": 0.25])
        }
        let package = truth.package
        #expect(abs(package.joules - (5 * 30 + 2.5 * 20 + 2.5 * 10 + 5 * 10)) < 1e-9)
        #expect(
            abs(package.workloads.values.reduce(package.idleJoules + package.otherJoules, +) - package.joules) < 1e-9)
        #expect(abs(package.workloads["/heavy", default: 0] - 50) < 1e-9)
        #expect(abs(truth.platformJoules - (package.joules + truth.dram.joules + 5 * 40)) < 1e-9)
    }

    private func counter(_ directory: TemporaryDirectory) -> UInt64? {
        try? readNumber(directory.path + "/t/class/powercap/intel-rapl:0/energy_uj")
    }

    @Test func countersAreThoseOfTheHardware() throws {
        let directory = try TemporaryDirectory()
        var tree = try PowercapTree(
            path: directory.path + "/t", hasPlatform: true, startingAt: PowercapTree.range - 50_000_000)
        tree.show([10, 1, 20], fault: nil)
        let before = try #require(counter(directory))
        #expect(before % 61 == 0 && before > PowercapTree.range - 40_000_100)
        // Past its range it begins at zero.
        tree.show([60, 1, 20], fault: nil)
        #expect(try #require(counter(directory)) < 10_000_061)
    }

    @Test(arguments: MeterFault.Kind.allCases) func faultsComeAndGo(_ kind: MeterFault.Kind) throws {
        let directory = try TemporaryDirectory()
        var tree = try PowercapTree(path: directory.path + "/t", hasPlatform: false, startingAt: 0)
        tree.show([10, 1], fault: nil)
        let before = try #require(counter(directory))
        tree.show([20, 2], fault: MeterFault(kind: kind, start: 0, length: 1))
        switch kind {
        case .unreadable, .garbage, .missing: #expect(counter(directory) == nil)
        case .stuck: #expect(counter(directory) == before)
        case .reset: #expect(try #require(counter(directory)) < 100)
        }
        tree.show([30, 3], fault: nil)
        let after = try #require(counter(directory))
        #expect(abs(Int64(after) - (kind == .reset ? 10_000_000 : 30_000_000)) < 200)
    }

    @Test func aDirectoryWithOtherFilesIsLeftUntouched() throws {
        let directory = try TemporaryDirectory()
        try directory.write("mine", to: "t/file")
        #expect(throws: PowercapTree.Refusal.self) {
            try PowercapTree(path: directory.path + "/t", hasPlatform: false, startingAt: 0)
        }
        _ = try PowercapTree(path: directory.path + "/u", hasPlatform: false, startingAt: 0)
        _ = try PowercapTree(path: directory.path + "/u", hasPlatform: false, startingAt: 0)
    }

    @Test func timeIsThatOfTheCgroups() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "cgroup.controllers")
        try directory.write("5000000000\n", to: "cpuacct/cpuacct.usage")
        try directory.write("usage_usec 1000000\n", to: "old/cpu.stat")
        var clock = CPUClock(paths: HostPaths(cgroupfs: directory.path), watched: ["/old", "/new"])
        let first = clock.read()
        #expect(first.busy == 0 && first.workloads.values.allSatisfy { $0 == 0 })
        try directory.write("7000000000\n", to: "cpuacct/cpuacct.usage")
        try directory.write("usage_usec 1500000\n", to: "old/cpu.stat")
        try directory.write("usage_usec 250000\n", to: "new/cpu.stat")
        let second = clock.read()
        #expect(second.busy == 2 && second.workloads == ["/old": 0.5, "/new": 0.25])
    }
}

import Accounting
import AccountingTestSupport
import Attribution
import Engine
import Simulation
import Snapshot
import TestSupport
import Testing
import Units

/// Memory whose power depends on accesses, for which page faults stand in: CPU time attributes it to the wrong
/// workloads, and the engine has to learn that from the meter's total.
///
/// What `make prove` shows live, in virtual time: two CPUs, six workloads that start, rest and end, and other
/// work on the machine, from none to twice as much as it has CPUs.
@Suite struct MemoryBoundWorkTests {
    /// A workload of the script.
    private struct Load {
        let cgroup: UInt64
        let name: String
        /// CPUs that it would use if it were alone.
        let demand: Double
        /// Page faults per second of CPU time.
        let faults: Double

        var path: String { "/" + name }
    }

    private static let loads = [
        Load(cgroup: 10, name: "steady", demand: 1, faults: 10),
        Load(cgroup: 11, name: "storm", demand: 1, faults: 40_000),
        Load(cgroup: 12, name: "bursty", demand: 0.5, faults: 3000),
        Load(cgroup: 13, name: "hungry", demand: 1, faults: 250_000),
        Load(cgroup: 14, name: "ends", demand: 1, faults: 10),
        Load(cgroup: 15, name: "late", demand: 1, faults: 10),
    ]

    /// The machine, its clock and the true energy of each workload.
    private final class Story {
        let time = ManualTime(1000)
        let kernel = ScriptedAccounting()
        let engine: Engine
        private(set) var truth = SimulationTruth()
        private let host: FakeHost
        private let other: Load
        private let machine: MachineModel
        private var generator: SeededGenerator
        private var instant = SuspendingClock().systemEpoch
        private var drawn: UInt64 = 0

        /// - Parameter other: CPUs that other work on the machine would use.
        init(method: AttributionMethod, other: Double, seed: UInt64) throws {
            generator = SeededGenerator(seed: seed)
            self.other = Load(cgroup: 20, name: "other", demand: other, faults: 100)
            var machine = MachineModel()
            machine.dram = .init(idle: 4, perCPU: 2)
            machine.joulesPerFault = 20e-6
            self.machine = machine
            host = try FakeHost()
            kernel.create(1, "/")
            for load in MemoryBoundWorkTests.loads + [self.other] { kernel.create(load.cgroup, load.path) }
            let start = instant
            kernel.change { sample in
                var cpu = CPUTimeTotals()
                (cpu.moment, cpu.online, cpu.onlineThroughout) = (start, 2, 2)
                sample.cpu = cpu
                var state = KernelState()
                (state.counters, state.countingPeriod) = (["cpu_clock", "context_switches", "page_faults"], 1)
                sample.kernel = state
            }
            engine = try host.makeEngine(clock: ManualClock(time: time), accounting: kernel) {
                $0.attribution = method
                // Such a machine is never at rest and cannot know its idle power; how energy is divided is the matter here.
                if other >= 2 { $0.idlePower = .components([.dram: Watts(machine.dram.idle)]) }
            }
        }

        /// A window of half a second, in which two CPUs are divided among those that want to run.
        func tick(_ active: Set<String>) throws -> Snapshot {
            let seconds = 0.5
            time.advance(by: seconds)
            instant += .seconds(seconds)
            let running = (MemoryBoundWorkTests.loads.filter { active.contains($0.name) } + [other])
                .filter { $0.demand > 0 }
            // What each gets of two CPUs differs from window to window.
            let wanted = running.map { $0.demand * .random(in: 0.8...1.2, using: &generator) }
            let scale = min(1, 2 / wanted.reduce(0, +)) * seconds
            var (busy, used) = (0.0, [String: Double]())
            var (allFaults, faults) = (0.0, [String: Double]())
            for (load, wanted) in zip(running, wanted) {
                let cpu = wanted * scale
                let count = (load.faults * cpu * .random(in: 0.9...1.1, using: &generator)).rounded()
                var growth = UsageCounters(cpuNanoseconds: UInt64(cpu * 1e9))
                growth.voluntarySwitches = 20
                growth.counted = [growth.cpuNanoseconds, growth.cpuNanoseconds, 20, UInt64(count)]
                kernel.run(load.cgroup, growth)
                busy += cpu
                allFaults += count
                guard load.name != "other" else { continue }
                (used[load.path], faults[load.path]) = (cpu, count)
            }
            truth.advance(
                machine, seconds: seconds, busy: busy, workloads: used, faults: (allFaults, faults))
            // A meter is read up to 8 ms late.
            let lag = Double.random(in: 0...0.016, using: &generator) * (truth.dram.joules / truth.seconds)
            let shown = max(drawn, UInt64((truth.dram.joules - lag) * 1e6))
            try host.draw("intel-rapl:0:0", microjoules: shown - drawn)
            drawn = shown
            let moment = instant
            kernel.change { $0.cpu?.moment = moment }
            return try engine.tick()
        }
    }

    /// Which workloads run at a moment: "hungry" and rest in turn, "bursty" most of the time.
    private func active(_ tick: Int, _ names: Set<String>) -> Set<String> {
        var result = names
        if tick % 60 >= 30 { result.remove("hungry") }
        if tick % 5 == 4 { result.remove("bursty") }
        return result
    }

    /// The largest difference between the share of the memory's energy that a workload got and its true share.
    private func worstError(_ method: AttributionMethod, other: Double) throws -> Double {
        let story = try Story(method: method, other: other, seed: 7)
        let base: Set = ["steady", "storm", "bursty", "hungry"]
        var before = try story.tick([])
        // A moment of rest, if there is any, shows the idle power.
        for _ in 0..<(other < 2 ? 3 : 0) { before = try story.tick([]) }
        // The regression learns for two minutes, four cycles of work and rest.
        for tick in 0..<240 { before = try story.tick(active(tick, base)) }
        let start = story.truth.dram
        var after = before
        for tick in 240..<300 {
            let extra = tick < 260 ? "ends" : tick < 270 ? nil : "late"
            after = try story.tick(active(tick, base.union(extra.map { [$0] } ?? [])))
        }
        let end = story.truth.dram
        #expect(after.node.zones.allSatisfy { after.conservationError(of: $0) == 0 })

        func joules(_ path: String) -> Double {
            func dynamic(_ snapshot: Snapshot) -> Double {
                let workload = snapshot.workloads.first { $0.cgroupPath == path }
                return Double(workload?.zones["dram-0"]?.dynamicMicrojoules ?? 0) / 1e6
            }
            return dynamic(after) - dynamic(before)
        }
        let found = (Self.loads.map(\.path) + ["/other", "/"]).reduce(0) { $0 + joules($1) }
        return Self.loads.map { load in
            let used = (end.workloads[load.path] ?? 0) - (start.workloads[load.path] ?? 0)
            return abs(joules(load.path) / found - used / (end.dynamicJoules - start.dynamicJoules))
        }.max() ?? 1
    }

    @Test(arguments: [0.0, 1, 2, 4]) func everyWorkloadGetsItsTrueShare(other: Double) throws {
        #expect(try worstError(.automatic, other: other) <= 0.02)
        #expect(try worstError(.cpuTime, other: other) > 0.05, "CPU time would do as well")
    }
}

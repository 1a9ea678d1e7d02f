import Glibc
import Simulation
import Snapshot
import TestSupport
import Testing

/// `energyctl simulate` and an agent that reads its meters: a simulated node under this machine's real load.
///
/// The simulator knows what each watched workload really used, so that every share the agent reports can be compared
/// with a true one, whatever else this machine does meanwhile.
final class SimulatedNode {
    /// What the agent reported and what was true, as close to the same moment as polling gets.
    struct Reading {
        let snapshot: Snapshot
        let truth: SimulationTruth
    }

    let agent: AgentProcess
    private let machine: TemporaryDirectory
    private let simulator: Child
    private let cgroups: [String: TestCgroup]

    /// - Parameters:
    ///   - names: workloads, each with a cgroup of its own.
    ///   - simulator: flags of `energyctl simulate`.
    ///   - agent: flags of the agent, which ticks every 500 ms.
    init(_ prefix: String, names: [String], simulator: [String], agent: [String] = []) throws {
        cgroups = try Dictionary(uniqueKeysWithValues: names.map { ($0, try TestCgroup("\(prefix)-\($0)")) })
        machine = try TemporaryDirectory()
        let tree = machine.path + "/machine"
        self.simulator = try Child(
            [Programs.energyctl, "simulate", "--path", tree] + simulator
                + cgroups.values.flatMap { ["--workload", $0.path] })
        guard eventually({ access(tree + "/truth.json", F_OK) == 0 }) else {
            throw Failure("the simulator does not start: \(self.simulator.output)")
        }
        self.agent = try AgentProcess(["--tier=ebpf", "--path.sysfs=\(tree)", "--sample.interval=500ms"] + agent)
    }

    /// nil while the simulator runs, else what it printed.
    var simulatorFailure: String? { simulator.wait(seconds: 0.01) == nil ? nil : simulator.output }

    func cgroup(_ name: String) throws -> TestCgroup { try #require(cgroups[name]) }

    func truth() throws -> SimulationTruth {
        try decode(SimulationTruth.self, readAll(machine.path + "/machine/truth.json"))
    }

    /// Reads both after a window that began after the call.
    func read() throws -> Reading {
        let snapshot = try agent.freshSnapshot()
        return Reading(snapshot: snapshot, truth: try truth())
    }

    /// Waits until workloads have used as much CPU time as is needed to compare them, s each, by their own `cpu.stat`.
    func waitUntil(_ names: [String], haveUsed seconds: Double) throws {
        _ = try waitFor("\(names) to use \(seconds) s of CPU time each", within: 180) {
            try names.allSatisfy { try cgroup($0).cpuSeconds() >= seconds } ? true : nil
        }
    }

    /// Share of a zone's dynamic energy between two readings: as the agent reported it, and the true one.
    func share(of name: String, zone: String, from old: Reading, to new: Reading) throws -> (
        found: Double, true: Double
    ) {
        let path = try cgroup(name).path
        let (before, after) = (Self.trueZone(old, zone), Self.trueZone(new, zone))
        let used = (after.workloads[path] ?? 0) - (before.workloads[path] ?? 0)
        let credited = Self.joules(new, path, zone) - Self.joules(old, path, zone)
        return (
            credited / (Self.allJoules(new, zone) - Self.allJoules(old, zone)),
            used / (after.dynamicJoules - before.dynamicJoules)
        )
    }

    private static func trueZone(_ reading: Reading, _ zone: String) -> SimulationTruth.Zone {
        zone == "dram-0" ? reading.truth.dram : reading.truth.package
    }

    private static func joules(_ reading: Reading, _ path: String, _ zone: String) -> Double {
        Double(reading.snapshot.workload(at: path)?.zones[zone]?.dynamicMicrojoules ?? 0) / 1e6
    }

    /// Dynamic energy of all workloads and of the kernel's own threads.
    private static func allJoules(_ reading: Reading, _ zone: String) -> Double {
        let top = reading.snapshot.workloads.filter { $0.parentId == nil }
        let sum = top.reduce(reading.snapshot.node.system.zones[zone] ?? 0) {
            $0 + ($1.zones[zone]?.dynamicMicrojoules ?? 0)
        }
        return Double(sum) / 1e6
    }
}

/// Loads of the tests on a simulated node.
enum Load {
    static let steady = "while :; do :; done"
    static let storm = "while :; do /bin/true; done"
    /// A few hundred milliseconds of work, and as much rest.
    static let bursty = "while :; do i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done; sleep 0.2; done"
    /// Touches fresh pages for 15 s, and rests as long: a Python program.
    static let hungry = """
        import mmap, time
        while True:
            end = time.monotonic() + 15
            while time.monotonic() < end:
                pages = mmap.mmap(-1, 4 << 20)
                for offset in range(0, 4 << 20, 4096): pages[offset] = 1
                pages.close()
            time.sleep(15)
        """
}

/// A share as the tests print it.
func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }

import Glibc
import Simulation
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// A made-up machine under this one's real load: what the agent says against the simulator's truth.
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct SimulatedNode {
        private static let steady = "while :; do :; done"
        private static let storm = "while :; do /bin/true; done"
        // A few hundred milliseconds of work, and as much rest.
        private static let bursty = "while :; do i=0; while [ $i -lt 60000 ]; do i=$((i + 1)); done; sleep 0.2; done"

        @Test func everyWorkloadGetsItsTrueShare() throws {
            let names = ["steady", "storm", "bursty", "ends", "late"]
            let cgroups = try Dictionary(uniqueKeysWithValues: names.map { ($0, try TestCgroup("truth-" + $0)) })
            func cgroup(_ name: String) throws -> TestCgroup { try #require(cgroups[name]) }
            let machine = try TemporaryDirectory()
            let tree = machine.path + "/machine"
            let simulator = try Child(
                [
                    Programs.energyctl, "simulate", "--path", tree, "--package=20:15", "--dram=4:2", "--platform=30",
                    "--noise=0.2", "--wrap-after=300",
                ] + names.flatMap { ["--workload", "/energyd-test-\(getpid())-truth-\($0)"] })
            for _ in 0..<200 where access(tree + "/truth.json", F_OK) != 0 { usleep(10_000) }
            let agent = try AgentProcess(["--tier=ebpf", "--path.sysfs=\(tree)", "--sample.interval=500ms"])
            // At rest for a moment, as far as this machine ever is.
            let before = try agent.freshSnapshot()
            let base = try truth(tree)
            sleep(1)
            let loads = [
                try cgroup("steady").run(Self.steady), try cgroup("storm").run(Self.storm),
                try cgroup("bursty").run(Self.bursty),
            ]
            let ending = try cgroup("ends").run(Self.steady)
            sleep(6)
            ending.stop()
            try cgroup("ends").remove()
            sleep(1)
            let late = try cgroup("late").run(Self.steady)
            sleep(6)
            for load in loads + [late] { load.stop() }
            let after = try agent.freshSnapshot()
            let end = try truth(tree)
            #expect(simulator.wait(seconds: 0.01) == nil, "\(simulator.output)")
            #expect(after.addsUp && after.agent.faults["power_wrap"] == 1)
            #expect(after.node.zones.map(\.name).sorted() == ["dram-0", "package-0", "platform"])

            for (zone, old, new) in [("package-0", base.package, end.package), ("dram-0", base.dram, end.dram)] {
                let dynamic = new.dynamicJoules - old.dynamicJoules
                let found = workloadJoules(after, zone) - workloadJoules(before, zone)
                for name in names {
                    let path = try cgroup(name).path
                    let expected = ((new.workloads[path] ?? 0) - (old.workloads[path] ?? 0)) / dynamic
                    let energy = try #require(after.workload(at: path)?.zones[zone]).dynamicMicrojoules
                    let share = Double(energy) / 1e6 / found
                    #expect(expected > 0.02, "\(name) did not run")
                    #expect(abs(share - expected) <= 0.02, "\(zone) \(name): \(share), true \(expected)")
                    print("\(zone) \(name): found \(percent(share)), true \(percent(expected))")
                }
            }
            // The wide meter is the node: what it shows beyond the parts is nobody's.
            func platform(_ snapshot: Snapshot) throws -> UInt64 {
                try #require(snapshot.node.zones.first { $0.name == "platform" }).energyMicrojoules
            }
            #expect(try after.node.unattributed.zones["platform"] == platform(after))
            let joules = Double(try platform(after) - platform(before)) / 1e6
            let seconds = end.seconds - base.seconds
            #expect(abs(joules - 30 * seconds) <= 0.05 * 30 * seconds + 20, "\(joules) J in \(seconds) s")
            #expect(after.node.meter?.source == "rapl")
        }

        /// Touches fresh pages for a while, and rests as long.
        private static let hungry = """
            import mmap, time
            while True:
                end = time.monotonic() + 15
                while time.monotonic() < end:
                    pages = mmap.mmap(-1, 4 << 20)
                    for offset in range(0, 4 << 20, 4096): pages[offset] = 1
                    pages.close()
                time.sleep(15)
            """

        /// Memory whose power goes with accesses, for which page faults stand on either side: CPU time is wrong about
        /// who draws it, and the model has to find that out from the sum.
        @Test(.enabled(if: Conditions.has("python3"), "needs python3"))
        func workThatLivesInMemoryGetsItsTrueShare() throws {
            let names = ["steady", "storm", "bursty", "hungry", "ends", "late"]
            let cgroups = try Dictionary(uniqueKeysWithValues: names.map { ($0, try TestCgroup("memory-" + $0)) })
            func cgroup(_ name: String) throws -> TestCgroup { try #require(cgroups[name]) }
            let machine = try TemporaryDirectory()
            let tree = machine.path + "/machine"
            let simulator = try Child(
                [
                    Programs.energyctl, "simulate", "--path", tree, "--package=20:15", "--dram=4:2",
                    "--dram-per-fault=20", "--noise=0.2",
                ] + names.flatMap { ["--workload", "/energyd-test-\(getpid())-memory-\($0)"] })
            for _ in 0..<200 where access(tree + "/truth.json", F_OK) != 0 { usleep(10_000) }
            let agent = try AgentProcess([
                "--tier=ebpf", "--path.sysfs=\(tree)", "--sample.interval=500ms", "--counters=software",
                "--counters.budget=100000",
            ])
            var loads = [
                try cgroup("steady").run(Self.steady), try cgroup("storm").run(Self.storm),
                try cgroup("bursty").run(Self.bursty),
                try Child(["python3", "-c", Self.hungry], cgroup: try cgroup("hungry").directory),
            ]
            // The model learns.
            sleep(120)
            let (before, base) = (try agent.freshSnapshot(), try truth(tree))
            let ending = try cgroup("ends").run(Self.steady)
            sleep(10)
            ending.stop()
            try cgroup("ends").remove()
            sleep(5)
            loads.append(try cgroup("late").run(Self.steady))
            sleep(10)
            let (after, end) = (try agent.freshSnapshot(), try truth(tree))
            for load in loads { load.stop() }
            #expect(simulator.wait(seconds: 0.01) == nil, "\(simulator.output)")
            #expect(after.addsUp)

            let dynamic = end.dram.dynamicJoules - base.dram.dynamicJoules
            let found = workloadJoules(after, "dram-0") - workloadJoules(before, "dram-0")
            var byTime = 0.0
            for name in names {
                let path = try cgroup(name).path
                let expected = ((end.dram.workloads[path] ?? 0) - (base.dram.workloads[path] ?? 0)) / dynamic
                func energy(_ snapshot: Snapshot) -> Double {
                    Double(snapshot.workload(at: path)?.zones["dram-0"]?.dynamicMicrojoules ?? 0) / 1e6
                }
                let share = (energy(after) - energy(before)) / found
                #expect(expected > 0.005, "\(name) did not run")
                #expect(abs(share - expected) <= 0.02, "\(name): \(share), true \(expected)")
                let used = (after.workload(at: path)?.cpuSeconds ?? 0) - (before.workload(at: path)?.cpuSeconds ?? 0)
                let busy = (after.kernel?.chargedSeconds ?? 0) - (before.kernel?.chargedSeconds ?? 0)
                byTime = max(byTime, abs(used / busy - expected))
                print(
                    "dram-0 \(name): found \(percent(share)), true \(percent(expected)), CPU time \(percent(used / busy))"
                )
            }
            #expect(byTime > 0.05, "CPU time would do as well: \(byTime)")
        }

        private func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }

        private func truth(_ tree: String) throws -> SimulationTruth {
            try decode(SimulationTruth.self, readAll(tree + "/truth.json"))
        }

        /// Dynamic energy of everybody, kernel threads included.
        private func workloadJoules(_ snapshot: Snapshot, _ zone: String) -> Double {
            let top = snapshot.workloads.filter { $0.parentId == nil }
            let sum = top.reduce(snapshot.node.system.zones[zone] ?? 0) {
                $0 + ($1.zones[zone]?.dynamicMicrojoules ?? 0)
            }
            return Double(sum) / 1e6
        }
    }
}

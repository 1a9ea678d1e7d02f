import Glibc
import Simulation
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Simulated {
        /// Each workload's reported share is its true one, whether it runs steadily, forks, rests, ends or comes late.
        @Test func everyWorkloadGetsItsTrueShare() throws {
            let names = ["steady", "storm", "bursty", "ends", "late"]
            let node = try SimulatedNode(
                "truth", names: names,
                simulator: ["--package=20:15", "--dram=4:2", "--platform=30", "--noise=0.2", "--wrap-after=700"])
            let before = try node.read()
            var loads = [
                try node.cgroup("steady").run(Load.steady), try node.cgroup("storm").run(Load.storm),
                try node.cgroup("bursty").run(Load.bursty),
            ]
            let ending = try node.cgroup("ends").run(Load.steady)
            try node.waitUntil(["ends"], haveUsed: 2)
            ending.stop()
            try node.cgroup("ends").remove()
            loads.append(try node.cgroup("late").run(Load.steady))
            try node.waitUntil(["steady", "storm", "late"], haveUsed: 2)
            try node.waitUntil(["bursty"], haveUsed: 1)
            // So that the package's counter wraps.
            _ = try node.agent.snapshot("after the counter wrapped") { $0.agent.faults["power_wrap"] ?? 0 > 0 }
            for load in loads { load.stop() }
            let after = try node.read()
            #expect(node.simulatorFailure == nil)
            #expect(after.snapshot.addsUp && after.snapshot.agent.faults["power_wrap"] == 1)
            #expect(after.snapshot.node.zones.map(\.name).sorted() == ["dram-0", "package-0", "platform"])

            for zone in ["package-0", "dram-0"] {
                for name in names {
                    let share = try node.share(of: name, zone: zone, from: before, to: after)
                    #expect(share.true > 0.02, "\(name) did not run")
                    #expect(abs(share.found - share.true) <= 0.02, "\(zone) \(name): \(share)")
                    print("\(zone) \(name): found \(percent(share.found)), true \(percent(share.true))")
                }
            }
            // The platform's meter covers the node: what it measures beyond the parts is unattributed.
            func platform(_ snapshot: Snapshot) throws -> UInt64 {
                try #require(snapshot.node.zones.first { $0.name == "platform" }).energyMicrojoules
            }
            #expect(try after.snapshot.node.unattributed.zones["platform"] == platform(after.snapshot))
            let joules = Double(try platform(after.snapshot) - platform(before.snapshot)) / 1e6
            let seconds = after.truth.seconds - before.truth.seconds
            #expect(abs(joules - 30 * seconds) <= 0.05 * 30 * seconds + 20, "\(joules) J in \(seconds) s")
            #expect(after.snapshot.node.meter?.source == "rapl")
        }
    }
}

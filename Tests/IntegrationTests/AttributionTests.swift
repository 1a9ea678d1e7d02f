import Glibc
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// Energy divided by the real kernel's CPU time, from a meter that follows the real load.
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Attribution {
        /// Processes that live for milliseconds get their share: scanning /proc would give most of it to the loop.
        @Test func aForkStormGetsItsShare() throws {
            let meter = try UtilisationMeter()
            let agent = try AgentProcess(["--tier=ebpf", "--path.sysfs=\(meter.rapl.sysfs)", "--sample.interval=500ms"])
            let storm = try TestCgroup("storm")
            let steady = try TestCgroup("steady")
            _ = try agent.freshSnapshot()
            let forks = try storm.run("while :; do /bin/true; done")
            let loop = try steady.run("while :; do :; done")
            // Every tick adds up, up to the one after which both have run long enough to be compared.
            func hasRun(_ cgroup: TestCgroup, _ snapshot: Snapshot) -> Bool {
                snapshot.workload(at: cgroup.path)?.cpuSeconds ?? 0 > 3
            }
            _ = try agent.snapshot("in which both loads have run and the counter has wrapped") {
                #expect($0.addsUp, "tick \($0.sequence)")
                return hasRun(storm, $0) && hasRun(steady, $0) && $0.agent.faults["power_wrap"] ?? 0 > 0
            }
            forks.stop()
            loop.stop()
            let snapshot = try agent.freshSnapshot()
            #expect(snapshot.addsUp)
            #expect(snapshot.node.zones.map(\.name).sorted() == ["dram-0", "package-0"])
            #expect(snapshot.node.zones.allSatisfy { $0.quality == "measured" })
            #expect(snapshot.agent.faults["power_wrap"] == 1)

            let truth = (try storm.cpuSeconds(), try steady.cpuSeconds())
            let trueShare = truth.0 / (truth.0 + truth.1)
            for zone in ["package-0", "dram-0"] {
                func joules(_ cgroup: TestCgroup) throws -> Double {
                    let energy = try #require(snapshot.workload(at: cgroup.path)?.zones[zone])
                    return Double(energy.dynamicMicrojoules) / 1e6
                }
                let share = try joules(storm) / (joules(storm) + joules(steady))
                #expect(abs(share - trueShare) <= 0.02, "\(zone): \(share), true \(trueShare)")
                #expect(try joules(storm) > 0.3)
            }
            // What the meter measured was divided: about its idle power, and 20 W for each busy CPU.
            let package = try #require(snapshot.node.zones.first { $0.name == "package-0" })
            #expect(abs(package.staticWatts - UtilisationMeter.idleWatts) < 6)
        }

        @Test func emissionsFollowTheMicrojoules() throws {
            let agent = try AgentProcess(["--carbon.intensity=360", "--carbon.pue=2", "--sample.interval=200ms"])
            func joules(_ snapshot: Snapshot) -> Double {
                Double(snapshot.node.zones.reduce(0) { $0 + $1.energyMicrojoules }) / 1e6
            }
            let snapshot = try agent.snapshot("with some energy") { joules($0) > 1 }
            // 360 g/kWh is 1e-4 g/J.
            let grams = try #require(snapshot.node.emissionsGrams)
            #expect(abs(grams - joules(snapshot) * 2e-4) < 1e-9 + joules(snapshot) * 1e-9)
            let parts = snapshot.parts.reduce(0.0) { $0 + ($1.grams ?? .nan) }
            #expect(abs(parts - grams) < 1e-9)
        }
    }
}

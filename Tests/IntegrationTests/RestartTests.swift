import Glibc
import Telemetry
import TestSupport
import Testing

extension RealKernel {
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Restart {
        /// Stopped and killed: what readers saw last is the least that they see next.
        @Test(arguments: [SIGTERM, SIGKILL]) func totalsNeverFall(_ signal: Int32) throws {
            let directory = try TemporaryDirectory()
            let flags = ["--sample.interval=200ms", "--state.file=\(directory.path)/state", "--processes=off"]
            let cgroup = try TestCgroup("restart.service")
            let load = try cgroup.run("while :; do :; done")
            var before: Snapshot?
            for _ in 0..<2 {
                let agent = try AgentProcess(flags)
                if let before {
                    let first = try agent.snapshot()
                    check(first, continues: before)
                }
                usleep(800_000)
                before = try agent.freshSnapshot()
                agent.child.send(signal)
                _ = agent.child.wait(seconds: 10)
            }
            load.stop()
            #expect(try #require(before?.workload(at: cgroup.path)).cpuSeconds > 1)
        }

        private func check(_ after: Snapshot, continues before: Snapshot) {
            #expect(after.addsUp && after.agent.startTime == before.agent.startTime)
            for (old, new) in zip(before.node.zones, after.node.zones) {
                #expect(new.name == old.name && new.energyMicrojoules >= old.energyMicrojoules)
            }
            for (old, new) in zip(before.parts, after.parts) {
                for (zone, energy) in old.zones { #expect(new.zones[zone] ?? 0 >= energy, "\(old.name)") }
            }
            for old in before.workloads {
                let new = after.workloads.first { $0.id == old.id }
                #expect(new != nil && new?.parentId == old.parentId, "\(old.id)")
                #expect(new?.cpuSeconds ?? 0 >= old.cpuSeconds, "\(old.id)")
            }
            // What the scheduler tells begins anew, its sum too.
            for workload in after.workloads {
                let scheduling = workload.scheduling
                let switches = scheduling.map { $0.voluntarySwitches + $0.involuntarySwitches }
                #expect(workload.contextSwitches == switches, "\(workload.id)")
            }
        }
    }
}

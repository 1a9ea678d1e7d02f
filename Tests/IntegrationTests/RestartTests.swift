import Glibc
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Restart {
        /// Stopped and killed: what readers saw last is the least that they see next.
        @Test(arguments: [SIGTERM, SIGKILL]) func totalsNeverFall(_ signal: Int32) throws {
            let directory = try TemporaryDirectory()
            let flags = [
                "--sample.interval=200ms", "--state.file=\(directory.path)/state", "--processes=on", "--scheduling",
                "--counters=software",
            ]
            let cgroup = try TestCgroup("restart.service")
            let load = try cgroup.run("while :; do /bin/true; done")
            var before: Snapshot?
            for _ in 0..<2 {
                let agent = try AgentProcess(flags)
                if let before {
                    let first = try agent.snapshot()
                    check(first, continues: before)
                }
                try cgroup.waitForCPU(0.6)
                before = try agent.freshSnapshot()
                agent.child.send(signal)
                _ = agent.child.wait(seconds: 10)
            }
            load.stop()
            let workload = try #require(before?.workload(at: cgroup.path))
            #expect(workload.cpuSeconds > 1)
            let scheduling = try #require(workload.scheduling)
            #expect(scheduling.voluntarySwitches + scheduling.involuntarySwitches == workload.contextSwitches)
            #expect(scheduling.events?.values.contains { $0 > 0 } == true, "too tame: \(scheduling)")
            #expect(scheduling.waitCounts?.contains { $0 > 0 } == true, "too tame: \(scheduling)")
        }

        private func check(_ after: Snapshot, continues before: Snapshot) {
            #expect(after.addsUp && after.agent.startTime == before.agent.startTime)
            for (old, new) in zip(before.node.zones, after.node.zones) {
                #expect(new.name == old.name && new.energyMicrojoules >= old.energyMicrojoules)
            }
            for (old, new) in zip(before.parts, after.parts) {
                for (was, energy) in zip(old.energy, new.energy) { #expect(energy >= was, "\(old.name)") }
            }
            for old in before.workloads {
                let new = after.workloads.first { $0.id == old.id }
                #expect(new != nil && new?.parentId == old.parentId, "\(old.id)")
                #expect(new?.cpuSeconds ?? 0 >= old.cpuSeconds, "\(old.id)")
                if let old = old.scheduling, let new = new?.scheduling { check(new, continues: old) }
            }
            // Two ways to count the same.
            for workload in after.workloads {
                let scheduling = workload.scheduling
                let switches = scheduling.map { $0.voluntarySwitches + $0.involuntarySwitches }
                #expect(workload.contextSwitches == switches, "\(workload.id)")
            }
            for old in before.commands {
                let new = after.commands.first { $0.comm == old.comm && $0.workloadId == old.workloadId }
                #expect(new?.cpuSeconds ?? 0 >= old.cpuSeconds, "\(old.comm)")
                for (zone, energy) in old.zones {
                    #expect(new?.zones[zone]?.dynamicMicrojoules ?? 0 >= energy.dynamicMicrojoules, "\(old.comm)")
                }
            }
        }

        private func check(_ after: Snapshot.Scheduling, continues before: Snapshot.Scheduling) {
            #expect(after.voluntarySwitches >= before.voluntarySwitches)
            #expect(after.involuntarySwitches >= before.involuntarySwitches)
            #expect(after.waitSeconds >= before.waitSeconds)
            for (new, old) in zip(after.waitCounts ?? [], before.waitCounts ?? []) { #expect(new >= old) }
            for (event, count) in before.events ?? [:] { #expect(after.events?[event] ?? 0 >= count, "\(event)") }
        }
    }
}

import Simulation
import Snapshot
import TestSupport
import Testing

extension RealKernel.Proofs {
    /// Memory whose power goes with accesses, for which page faults stand on either side: CPU time is wrong about who
    /// draws it, and the regression has to find that out from the sum. 160 s.
    @Test(.enabled(if: Conditions.has("python3"), "needs python3"))
    func workThatLivesInMemoryGetsItsTrueShare() throws {
        let names = ["steady", "storm", "bursty", "hungry", "ends", "late"]
        let node = try SimulatedNode(
            "memory", names: names,
            simulator: ["--package=20:15", "--dram=4:2", "--dram-per-fault=20", "--noise=0.2"],
            agent: ["--counters=software", "--counters.budget=100000"])
        // At rest first: what memory draws for nothing is then known, and what is left is who draws the rest. A node that
        // never rests shows a workload that always runs no better than its idle power is known. This test asks once a second for
        // the same reason: every 20 ms, it was the load that kept a slow machine from resting.
        let begin = try node.truth().seconds
        _ = try waitFor("rest", within: 60, every: 1) { try node.truth().seconds - begin > 10 ? true : nil }
        var loads = [
            try node.cgroup("steady").run(Load.steady), try node.cgroup("storm").run(Load.storm),
            try node.cgroup("bursty").run(Load.bursty),
            try Child(["python3", "-c", Load.hungry], cgroup: try node.cgroup("hungry").directory),
        ]
        // The regression learns from 120 s of simulated time, in which the mix of the loads changes eight times.
        let start = try node.truth().seconds
        _ = try waitFor("the regression to learn", within: 300, every: 1) {
            try node.truth().seconds - start > 120 ? true : nil
        }
        let before = try node.read()
        let ending = try node.cgroup("ends").run(Load.steady)
        try node.waitUntil(["ends"], haveUsed: 3)
        ending.stop()
        try node.cgroup("ends").remove()
        loads.append(try node.cgroup("late").run(Load.steady))
        try node.waitUntil(["late"], haveUsed: 3)
        // A whole cycle of work and rest of the one that touches memory.
        _ = try waitFor("a cycle", within: 120) {
            try node.truth().seconds - before.truth.seconds > 30 ? true : nil
        }
        let after = try node.read()
        for load in loads { load.stop() }
        #expect(node.simulatorFailure == nil)
        #expect(after.snapshot.addsUp)

        var byTime = 0.0
        let other = after.truth.dram.otherJoules - before.truth.dram.otherJoules
        let all = after.truth.dram.dynamicJoules - before.truth.dram.dynamicJoules
        print("dram-0: \(percent(other / all)) of the energy is of other work on this machine")
        for name in names {
            let path = try node.cgroup(name).path
            let share = try node.share(of: name, zone: "dram-0", from: before, to: after)
            #expect(share.true > 0.005, "\(name) did not run")
            #expect(abs(share.found - share.true) <= 0.02, "\(name): \(share)")
            let used =
                (after.snapshot.workload(at: path)?.cpuSeconds ?? 0)
                - (before.snapshot.workload(at: path)?.cpuSeconds ?? 0)
            let busy =
                (after.snapshot.kernel?.chargedSeconds ?? 0) - (before.snapshot.kernel?.chargedSeconds ?? 0)
            byTime = max(byTime, abs(used / busy - share.true))
            print(
                "dram-0 \(name): found \(percent(share.found)), true \(percent(share.true)), by CPU time"
                    + " \(percent(used / busy))")
        }
        #expect(byTime > 0.05, "CPU time would do as well: \(byTime)")
    }
}

import Engine
import Glibc
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// A machine that does nothing but start and end things.
    @Suite(
        .enabled(if: Conditions.isRoot, Conditions.rootReason),
        .enabled(if: Conditions.has("python3"), "needs python3"))
    struct Stress {
        /// Makes cgroups at a given rate, runs a moment in each, and removes them again; then 5,000 processes at once.
        private static let script = """
            import os, sys, time
            parent, rate, seconds, live, bomb = sys.argv[1], *map(float, sys.argv[2:])
            def enter(path):
                with open(path + "/cgroup.procs", "w") as f: f.write("0")
            for i in range(int(live)): os.mkdir(f"{parent}/live{i}")
            open("/proc/self/comm", "w").write("churner")
            start, made, last = time.monotonic(), 0, None
            while time.monotonic() - start < seconds:
                if made > (time.monotonic() - start) * rate: time.sleep(0.0005); continue
                path = f"{parent}/churn{made}"
                os.mkdir(path); enter(path); made += 1
                sum(range(300))
                if last: os.rmdir(last)
                last = path
            enter(parent)
            if last: os.rmdir(last)
            print("made", made, flush=True)
            children = []
            for i in range(int(bomb)):
                pid = os.fork()
                if pid == 0:
                    if i < int(live): enter(f"{parent}/live{i}")
                    sum(range(20000))
                    os._exit(0)
                children.append(pid)
            for pid in children: os.waitpid(pid, 0)
            for i in range(int(live)): os.rmdir(f"{parent}/live{i}")
            print("over", flush=True)
            """

        @Test func aForkBombAndAChurnOfCgroupsLoseNothing() throws {
            let agent = try AgentProcess(["--tier=ebpf", "--processes=on", "--sample.interval=500ms"])
            let parent = try TestCgroup("stress")
            let child = try Child(
                ["python3", "-c", Self.script, parent.directory, "1000", "20", "3000", "5000"], cgroup: parent.directory
            )
            let status = child.wait(seconds: 120)
            #expect(status == 0, "\(child.output)")
            let made = child.output.split(separator: "\n").first.flatMap { Int($0.dropFirst(5)) } ?? 0
            // 20,000 where the machine keeps up.
            #expect(made > 15_000, "\(made)")
            let snapshot = try agent.freshSnapshot()
            let truth = try parent.cpuSeconds()
            let reported = try #require(snapshot.workload(at: parent.path)).cpuSeconds
            let elsewhere = (snapshot.node.unattributed.cpuSeconds ?? 0) + snapshot.unnamedCPUSeconds
            #expect(
                reported > 0.5 * truth && abs(reported + elsewhere - truth) <= 0.005 * truth,
                "reported \(reported) s, without a name \(elsewhere) s, cpu.stat \(truth) s, \(made) cgroups")
            let kernel = try #require(snapshot.kernel)
            let whole = kernel.chargedSeconds + kernel.idleSeconds + kernel.stolenSeconds
            #expect(try #require(kernel.comparedSeconds) > 0.9 * whole, "\(kernel)")
            #expect(abs(try #require(kernel.unaccountedSeconds)) <= 0.0005 * whole, "\(kernel)")
            #expect(snapshot.addsUp)
            let faults = snapshot.agent.faults
            for kind in ["counter_records_lost", "counter_records_missing", "ticks_failed", "cgroup_walks_failed"] {
                #expect(faults[kind] ?? 0 == 0, "\(faults)")
            }
            // A tick takes in only so many names of cgroups; the next ones know the rest. What was dropped was counted,
            // and found again by a walk.
            let isNamed = try eventually(within: 20, every: 0.5) {
                let snapshot = try agent.freshSnapshot()
                return !snapshot.workloads.contains { $0.cgroupPath.hasPrefix("/(unknown)") }
                    || snapshot.agent.faults["lifecycle_records_lost"] ?? 0 > 0
            }
            #expect(isNamed)
            #expect(agent.stop() == 0)
        }
    }
}

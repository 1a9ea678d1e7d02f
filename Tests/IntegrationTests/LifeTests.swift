import BPF
import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// Privileges, and how the agent starts and ends.
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Life {
        private func threads(of pid: Int32) throws -> [[Substring: Substring]] {
            try listDirectory("/proc/\(pid)/task").map { thread in
                let lines = try readText("/proc/\(pid)/task/\(thread.name)/status").split(separator: "\n")
                return Dictionary(
                    lines.map { line in
                        let words = line.split(separator: "\t", maxSplits: 1)
                        return (words[0], words.count > 1 ? words[1] : "")
                    }, uniquingKeysWith: { first, _ in first })
            }
        }

        /// Numbers of the kernel programs that a process holds.
        private func programs(of pid: Int32) throws -> [UInt32] {
            try listDirectory("/proc/\(pid)/fd").compactMap { entry in
                guard let text = try? readText("/proc/\(pid)/fdinfo/\(entry.name)"),
                    let line = text.split(separator: "\n").first(where: { $0.hasPrefix("prog_id:") })
                else { return nil }
                return line.split(separator: "\t").last.flatMap { UInt32($0) }
            }
        }

        private static let three = "+bpf,+perfmon,+dac_read_search"

        /// Enters 4,200 cgroups, one after the other: more than there is room for at the start.
        private static let crowd = """
            import os, sys
            for i in range(4200):
                path = f"{sys.argv[1]}/c{i}"
                os.mkdir(path)
                with open(path + "/cgroup.procs", "w") as f: f.write("0")
                sum(range(100))
            with open(sys.argv[1] + "/cgroup.procs", "w") as f: f.write("0")
            """

        @Test(
            .enabled(if: Conditions.has("setpriv") && Conditions.has("python3"), "needs setpriv and python3"),
            arguments: [
                [],
                [
                    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all," + three,
                    "--ambient-caps=-all," + three, "--bounding-set=-all," + three,
                ],
            ])
        func noThreadHasMorePrivilegesThanItNeeds(prefix: [String]) throws {
            let directory = try TemporaryDirectory()
            let program = directory.path + "/energyd"
            #expect(try Child.run(["cp", Programs.energyd, program]).code == 0)
            chmod(directory.path, 0o755)
            let agent = try AgentProcess(["--tier=ebpf"], prefix: prefix, program: program)
            let threads = try threads(of: agent.child.pid)
            #expect(threads.count > 2)
            for thread in threads {
                // CAP_DAC_READ_SEARCH; in reserve CAP_PERFMON and CAP_BPF.
                #expect(thread["CapEff:"] == "0000000000000004", "\(thread)")
                #expect(thread["CapPrm:"] == "000000c000000004", "\(thread)")
                #expect(thread["NoNewPrivs:"] == "1")
                #expect(prefix.isEmpty || thread["Uid:"]?.hasPrefix("65534") == true)
            }
            // The reserve is enough to load larger programs later.
            let parent = try TestCgroup("crowd")
            let child = try Child(["python3", "-c", Self.crowd, parent.directory], cgroup: parent.directory)
            #expect(child.wait(seconds: 60) == 0, "\(child.output)")
            _ = try agent.snapshot("after the kernel's table grew") { $0.agent.faults["kernel_table_grown"] ?? 0 >= 1 }
            let snapshot = try agent.freshSnapshot()
            #expect(snapshot.agent.faults["kernel_table_growth_failed"] == nil)
            #expect(snapshot.kernel?.cgroupRoom ?? 0 >= 8192)
            let truth = try parent.cpuSeconds()
            let charged = try #require(snapshot.workload(at: parent.path)).cpuSeconds
            let overflow = snapshot.node.unattributed.cpuSeconds ?? 0
            let found = charged + overflow + snapshot.unnamedCPUSeconds
            #expect(
                charged > 0 && found >= truth * 0.99 && found <= truth * 1.005,
                "\(charged) s of \(found) s, cpu.stat \(truth) s")
            for thread in try self.threads(of: agent.child.pid) { #expect(thread["CapEff:"] == "0000000000000004") }
        }

        @Test(arguments: [SIGTERM, SIGKILL]) func nothingIsLeftInTheKernel(signal: Int32) throws {
            let agent = try AgentProcess(["--tier=ebpf"])
            let programs = try programs(of: agent.child.pid)
            #expect(programs.count > 5 && programs.allSatisfy(Program.isLoaded(id:)))
            agent.child.send(signal)
            #expect(agent.child.wait(seconds: 30) == (signal == SIGKILL ? 128 + SIGKILL : 0))
            // The kernel frees them after a grace period.
            #expect(eventually { !programs.contains(where: Program.isLoaded(id:)) })
        }

        /// Probes, scrapers and `energyctl top` must not wait for a long interval.
        @Test func theFirstSampleIsEarlyHoweverLongTheInterval() throws {
            let agent = try AgentProcess(["--sample.interval=60s"])
            let snapshot = try agent.snapshot()
            #expect(snapshot.sequence == 1 && snapshot.windowSeconds > 0.9 && snapshot.windowSeconds < 5)
            let (code, table) = try Child.run([Programs.energyctl, "top", "--once", "--address", agent.url])
            #expect(code == 0 && table.contains("WATTS"), "\(table)")
        }

        @Test func aRestartLosesNoMoreThanTheTimeItTook() throws {
            let cgroup = try TestCgroup("restart")
            let first = try AgentProcess(["--tier=ebpf", "--sample.interval=200ms"])
            let burner = try cgroup.run("while :; do :; done")
            func hasRun(_ snapshot: Snapshot) -> Bool { snapshot.workload(at: cgroup.path)?.cpuSeconds ?? 0 > 0.7 }
            let seen = try first.snapshot("in which the load has run", where: hasRun)
            let before = try #require(seen.workload(at: cgroup.path)).cpuSeconds
            let down = ContinuousClock.now
            first.child.send(SIGKILL)
            first.child.wait(seconds: 30)
            let second = try AgentProcess(["--tier=ebpf", "--sample.interval=200ms"])
            let pause = (ContinuousClock.now - down) / .seconds(1)
            _ = try second.snapshot("in which the load has run", where: hasRun)
            burner.stop()
            let after = try #require(second.freshSnapshot().workload(at: cgroup.path)).cpuSeconds
            let truth = try cgroup.cpuSeconds()
            let lost = truth - before - after
            // The last snapshot of the first was up to a tick old.
            #expect(truth > 1 && lost >= -0.005 * truth && lost <= pause + 0.3, "lost \(lost) s in \(pause) s")
        }
    }
}

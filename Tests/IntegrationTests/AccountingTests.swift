import Accounting
import BPF
import Engine
import Glibc
import Linux
import Snapshot
import Telemetry
import TestSupport
import Testing

extension RealKernel {
    /// The kernel programs against the kernel's own `cpu.stat`.
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Accounting {
        @Test func aBusyCgroupAgreesWithTheKernel() throws {
            let agent = try AgentProcess(["--tier=ebpf"])
            let cgroup = try TestCgroup("busy")
            let burner = try cgroup.run("while :; do :; done")
            try cgroup.waitForCPU(4)
            burner.stop()
            let snapshot = try agent.freshSnapshot()
            let exported = try #require(snapshot.workload(at: cgroup.path)).cpuSeconds
            let truth = try cgroup.cpuSeconds()
            #expect(truth > 1)
            #expect(abs(exported - truth) <= 0.005 * truth, "exported \(exported) s, cpu.stat \(truth) s")
            // The same figure for Prometheus.
            let metrics = try #require(httpGet(port: agent.port, "/metrics")).body
            let line = try #require(
                metrics.split(separator: "\n").first {
                    $0.hasPrefix("energyd_cgroup_cpu_time_seconds_total{cgroup_path=\"\(cgroup.path)\"")
                })
            let scraped = try #require(line.split(separator: " ").last.flatMap { Double($0) })
            #expect(abs(scraped - truth) <= 0.005 * truth)
        }

        /// A pinned real-time loop is never switched out: only the fold of what is in flight sees it.
        @Test(.enabled(if: Conditions.has("chrt") && Conditions.has("taskset"), "needs chrt and taskset"))
        func aHogThatNeverSwitchesIsSeenWhileItRuns() throws {
            let agent = try AgentProcess(["--tier=ebpf", "--sample.interval=100ms"])
            let cgroup = try TestCgroup("fifo")
            let hog = try cgroup.run("exec chrt -f 50 taskset -c 1 sh -c 'while :; do :; done'")
            try cgroup.waitForCPU(4)
            let snapshot = try agent.freshSnapshot()
            let truth = try cgroup.cpuSeconds()
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            // The hog may have run all the time since the snapshot.
            let age = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 - snapshot.unixTime
            let workload = try #require(snapshot.workload(at: cgroup.path))
            hog.stop()
            #expect(truth > 1)
            #expect(
                workload.cpuSeconds <= truth * 1.005 && workload.cpuSeconds >= truth * 0.995 - age - 0.01,
                "exported \(workload.cpuSeconds) s, \(age) s later cpu.stat \(truth) s")
            #expect(age < truth / 2)
            // What the agent itself says of the difference, and of all CPUs.
            let kernel = try #require(snapshot.kernel)
            #expect(try #require(kernel.cpuStatDifference) < 0.02)
            let compared = try #require(kernel.comparedSeconds)
            #expect(compared > 0.5 * (kernel.chargedSeconds + kernel.idleSeconds), "\(kernel)")
            #expect(abs(try #require(kernel.unaccountedSeconds)) < 0.01 * compared, "\(kernel)")
            let last = try agent.freshSnapshot()
            let final = try cgroup.cpuSeconds()
            let exported = try #require(last.workload(at: cgroup.path)).cpuSeconds
            #expect(abs(exported - final) <= 0.005 * final, "exported \(exported) s, cpu.stat \(final) s")
        }

        @Test func aCgroupThatLivesTwentyMillisecondsHasAName() throws {
            let agent = try AgentProcess(["--tier=ebpf"])
            let cgroup = try TestCgroup("brief")
            let child = try cgroup.run("i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done")
            #expect(child.wait(seconds: 5) == 0)
            cgroup.remove()
            let workload = try #require(agent.freshSnapshot().workload(at: cgroup.path))
            #expect(!workload.isAlive)
            #expect(workload.cpuSeconds > 0 && workload.cpuSeconds < 1)
            #expect(workload.cgroupId > 0)
        }

        @Test func manyShortCgroupsAllHaveNamesAndNothingIsLost() throws {
            let agent = try AgentProcess(["--tier=ebpf"])
            let parent = try TestCgroup("churn")
            // One shell visits each: what it runs between two of them is its parent's.
            let child = try parent.run(
                """
                i=0
                while [ $i -lt 200 ]; do
                    mkdir \(parent.directory)/c$i
                    (echo 0 > \(parent.directory)/c$i/cgroup.procs; exec /bin/true)
                    rmdir \(parent.directory)/c$i
                    i=$((i + 1))
                done
                """)
            #expect(child.wait(seconds: 30) == 0, "\(child.output)")
            let snapshot = try agent.freshSnapshot()
            let names = snapshot.workloads.filter { $0.cgroupPath.hasPrefix(parent.path + "/c") }
            #expect(names.count == 200)
            #expect(names.allSatisfy { $0.cpuSeconds > 0 })
            let truth = try parent.cpuSeconds()
            let exported = try #require(snapshot.workload(at: parent.path)).cpuSeconds
            #expect(abs(exported - truth) <= 0.005 * truth + 0.001, "exported \(exported) s, cpu.stat \(truth) s")
            #expect(snapshot.agent.faults["lifecycle_records_lost"] == 0)
            #expect(snapshot.agent.faults["counter_records_lost"] == 0)
            #expect(snapshot.workloads.allSatisfy { !$0.cgroupPath.hasPrefix("/(unknown)") })
        }

        /// What a process ran before it moved is its old cgroup's.
        @Test func aProcessThatMovesIsChargedToEachForItsOwnPart() throws {
            let agent = try AgentProcess(["--tier=ebpf"])
            let parent = try TestCgroup("arrivals")
            for number in 0..<200 {
                let path = "\(parent.directory)/c\(number)"
                mkdir(path, 0o755)
                // The shell starts outside and enters.
                try Child(["/bin/true"], cgroup: path).wait(seconds: 5)
                eventually(every: 0.002) { rmdir(path) == 0 || errno != EBUSY }
            }
            let snapshot = try agent.freshSnapshot()
            let truth = try parent.cpuSeconds()
            let exported = try #require(snapshot.workload(at: parent.path)).cpuSeconds
            #expect(abs(exported - truth) <= 0.01 * truth, "exported \(exported) s, cpu.stat \(truth) s")
        }

        /// A day of containers must not fill the tables: what ended is removed.
        @Test func nothingGrowsWithChurn() throws {
            let tree = try #require(CgroupTree(cgroupfs: "/sys/fs/cgroup"))
            var settings = KernelSettings(cgroupCapacity: 1024)
            settings.processCapacity = 4096
            let reader = try KernelReader(settings, trees: [tree])
            let before = (reader.sample.kernel?.cgroupsKept ?? 0, reader.sample.processes.count)
            let parent = try TestCgroup("turnover")
            let child = try parent.run(
                """
                i=0
                while [ $i -lt 300 ]; do
                    mkdir \(parent.directory)/c$i
                    (echo 0 > \(parent.directory)/c$i/cgroup.procs; exec /bin/true)
                    rmdir \(parent.directory)/c$i
                    i=$((i + 1))
                done
                """)
            var created = 0
            var forgotten = 0
            try eventually(every: 0.05) {
                let isOver = child.wait(seconds: 0.1) != nil
                try reader.read()
                created += reader.sample.created.count { $0.path.hasPrefix(parent.path + "/c") }
                forgotten += reader.sample.forgotten.count
                return isOver && forgotten >= 300
            }
            #expect(created == 300)
            #expect(forgotten >= 300)
            try reader.read()
            // The shell's own group, and others that were made meanwhile.
            let kept = try #require(reader.sample.kernel).cgroupsKept
            #expect(kept <= before.0 + 20, "\(before.0) -> \(kept)")
            #expect(reader.sample.processes.count <= before.1 + 100, "\(before.1) -> \(reader.sample.processes.count)")
        }

        /// A kernel that refuses the hooks for names still accounts; the walks find who is there.
        @Test func withoutTheHooksForNamesNothingIsLost() throws {
            let tree = try #require(CgroupTree(cgroupfs: "/sys/fs/cgroup"))
            let refusal = "cannot attach the program on_cgroup_mkdir"
            var settings = KernelSettings(cgroupCapacity: 1024)
            settings.events = .none
            let reader = try KernelReader(settings, trees: [tree], limitation: refusal)
            #expect(reader.accounting.tier.isDegraded && reader.accounting.tier.reason.contains("on_cgroup_mkdir"))
            let cgroup = try TestCgroup("unannounced")
            let burner = try cgroup.run("while :; do :; done")
            try cgroup.waitForCPU(0.4)
            // In the same report as its first counter, or it would be taken for one whose name was lost.
            let id = try inode(of: cgroup.directory)
            try reader.read()
            #expect(reader.sample.usage.contains { $0.cgroup == id })
            #expect(reader.sample.created.contains { $0.path == cgroup.path })
            burner.stop()
            try reader.read()
            let seconds = reader.seconds(id)
            let truth = try cgroup.cpuSeconds()
            // Without the hook of a move, who moves is charged to where he was until he leaves the CPU or a flush comes.
            #expect(truth > 0.3 && abs(seconds - truth) <= 0.005 * truth + 0.01, "\(seconds) s, cpu.stat \(truth) s")
        }

        @Test func whatHasNoRoomIsCountedAndNotLost() throws {
            let tree = try #require(CgroupTree(cgroupfs: "/sys/fs/cgroup"))
            let reader = try KernelReader(KernelSettings(cgroupCapacity: 1), trees: [tree], maxCgroups: 1)
            let cgroup = try TestCgroup("crowded")
            let burner = try cgroup.run("while :; do :; done")
            try cgroup.waitForCPU(0.8)
            burner.stop()
            try reader.read()
            // The first one has the only place.
            #expect(reader.totals.count == 1)
            let truth = try cgroup.cpuSeconds()
            let overflow = Double(reader.sample.overflowNanoseconds) / 1e9
            #expect(truth > 0.5 && overflow >= 0.995 * truth, "overflow \(overflow) s, cpu.stat \(truth) s")
            #expect(reader.sample.faults["cgroup_overflow_nanoseconds"] == reader.sample.overflowNanoseconds)
        }

        @Test func processesBreakTheirWorkloadDown() throws {
            let agent = try AgentProcess(["--tier=ebpf", "--processes=on"])
            let cgroup = try TestCgroup("processes")
            let one = try cgroup.run("while :; do :; done")
            let two = try cgroup.run("while :; do :; done")
            try cgroup.waitForCPU(4)
            let snapshot = try agent.freshSnapshot()
            one.stop()
            two.stop()
            let workload = try #require(snapshot.workload(at: cgroup.path))
            let inside = snapshot.processes.filter { $0.workloadId == workload.id && $0.cpuSeconds > 0.5 }
            #expect(Set(inside.map(\.pid)) == [one.pid, two.pid])
            let sum = snapshot.processes.filter { $0.workloadId == workload.id }.reduce(0) { $0 + $1.cpuSeconds }
            #expect(abs(sum - workload.cpuSeconds) <= 0.005 * workload.cpuSeconds)
            for zone in snapshot.node.zones {
                let whole = workload.zones[zone.name]?.dynamicMicrojoules ?? 0
                let parts = snapshot.commands.filter { $0.workloadId == workload.id }
                    .reduce(0) { $0 + ($1.zones[zone.name]?.dynamicMicrojoules ?? 0) }
                #expect(parts <= whole && Double(parts) >= 0.995 * Double(whole))
            }
        }
    }
}

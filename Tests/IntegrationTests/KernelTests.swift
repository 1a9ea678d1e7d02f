import Accounting
import BPF
import Engine
import Glibc
import Linux
import TestSupport
import Testing

extension RealKernel {
    /// The kernel programs themselves, without the agent around them.
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Kernel {
        private let tree: CgroupTree

        init() throws {
            tree = try #require(CgroupTree(cgroupfs: "/sys/fs/cgroup"), "no unified hierarchy")
        }

        func reader(
            _ change: (inout KernelSettings) -> Void = { _ in }, trees: [CgroupTree]? = nil, maxCgroups: Int = 65536
        ) throws -> KernelReader {
            var settings = KernelSettings(cgroupCapacity: 1024)
            change(&settings)
            return try KernelReader(settings, trees: trees ?? [tree], maxCgroups: maxCgroups)
        }

        /// What the verifier has to walk through says most about what a switch costs, and cannot be noisy.
        @Test func theProgramsStaySmall() throws {
            let reader = try reader { settings in
                settings.processCapacity = 64
                settings.tracksWaits = true
                settings.counters = [.cpuClock, .contextSwitches, .pageFaults]
            }
            var most = [
                "on_switch": 10000, "flush_cpu": 4600, "drain_cgroups": 15500, "drain_processes": 8500, "on_exec": 200,
                "on_exit": 8500,
            ]
            let followers =
                KernelReader.events == .functions
                ? ["on_kernfs_activate": 300, "on_kernfs_remove": 300, "on_css_release": 300, "on_migrate": 300]
                : [
                    "on_attach": 8600, "on_cgroup_mkdir": 300, "on_cgroup_rename": 200, "on_cgroup_rmdir": 200,
                    "on_cgroup_release": 200,
                ]
            most.merge(followers) { $1 }
            let facts = reader.accounting.programFacts()
            #expect(Set(facts.map(\.name)) == Set(most.keys))
            for (name, fact) in facts where fact.verifiedInstructions > 0 {
                #expect(fact.verifiedInstructions <= most[name] ?? 0, "\(name) has \(fact.verifiedInstructions)")
            }
        }

        /// The plainest form, as it runs on a node with containers.
        @Test func withoutExtrasTheSwitchIsSmaller() throws {
            let reader = try reader()
            let fact = try #require(reader.accounting.programFacts().first { $0.name == "on_switch" }).facts
            #expect(fact.verifiedInstructions <= 2000, "\(fact.verifiedInstructions)")
        }

        @Test func readingTheMapsTellsTheSameAsDraining() throws {
            let reader = try reader { settings in
                settings.reading = .batch
                settings.processCapacity = 1024
                settings.tracksWaits = true
            }
            #expect(reader.accounting.tier.kind == .ebpfBatch && !reader.accounting.tier.isDegraded)
            let cgroup = try TestCgroup("batch")
            let burner = try cgroup.run("while :; do :; done")
            try cgroup.waitForCPU(0.5)
            burner.stop()
            try reader.read()
            let (reported, truth) = (try reader.seconds(cgroup), try cgroup.cpuSeconds())
            #expect(truth > 0.3 && abs(reported - truth) <= 0.005 * truth, "\(reported) s, cpu.stat \(truth) s")
            #expect(reader.sample.processes.contains { $0.pid == burner.pid && $0.hasExited })
            try reader.read()
            try reader.read()
            #expect(!reader.sample.processes.contains { $0.pid == burner.pid })
        }

        /// Processes that start and end within one run on a CPU, threads on several CPUs, and programs that replace
        /// themselves: together they have what their cgroup has.
        @Test(
            .enabled(if: Conditions.has("python3"), "needs python3"),
            arguments: [KernelSettings.Reading.drain, .batch])
        func processesHaveAllThatTheirCgroupHas(reading: KernelSettings.Reading) throws {
            let reader = try reader { settings in
                settings.reading = reading
                settings.processCapacity = 4096
            }
            let cgroup = try TestCgroup("storm-\(reading)")
            let child = try Child(
                [
                    "python3", "-c",
                    """
                    import os, threading
                    for _ in range(400):
                        pid = os.fork()
                        if pid == 0:
                            sum(range(5000))
                            os._exit(0)
                        os.waitpid(pid, 0)
                    def work():
                        for _ in range(20): sum(range(20000))
                    threads = [threading.Thread(target=work) for _ in range(8)]
                    for thread in threads: thread.start()
                    for thread in threads: thread.join()
                    for _ in range(50): os.system("true")
                    """,
                ], cgroup: cgroup.directory)
            while child.wait(seconds: 0.1) == nil { try reader.read() }
            for _ in 0..<3 { try reader.read() }
            let id = try inode(of: cgroup.directory)
            let (reported, whole) = (Double(reader.processTime[id] ?? 0) / 1e9, reader.seconds(id))
            #expect(whole > 0.2 && reported <= whole * 1.001, "\(reported) s of \(whole) s")
            // The last moments of a process, after its exit was announced and reported twice, may be missing.
            #expect(reported >= whole * 0.97, "\(reported) s of \(whole) s")
            #expect(reader.sample.faults["process_overflow_nanoseconds"] == 0)
            #expect(reader.sample.processes.allSatisfy { $0.cgroup != id })
        }

        /// Everything there is, twice, and in between more cgroups than there is room for.
        @Test(arguments: [KernelSettings.Reading.drain, .batch])
        func theTableGrowsAndNothingIsLost(reading: KernelSettings.Reading) throws {
            let reader = try reader { settings in
                settings.cgroupCapacity = 16
                settings.reading = reading
                settings.processCapacity = 1024
            }
            let parent = try TestCgroup("growth")
            let steady = try TestCgroup("steady")
            let burner = try steady.run("while :; do :; done")
            let end = try TemporaryDirectory()
            // All of them run until there is room for all: those that ran only before the exchange need none after it.
            let child = try parent.run(
                """
                while [ ! -e \(end.path)/end ]; do
                    i=0
                    while [ $i -lt 100 ]; do
                        mkdir -p \(parent.directory)/c$i
                        (echo 0 > \(parent.directory)/c$i/cgroup.procs; j=0; while [ $j -lt 2000 ]; do j=$((j + 1)); done)
                        i=$((i + 1))
                    done
                done
                """)
            _ = try eventually(every: 0.1) {
                try reader.read()
                return (reader.sample.kernel?.cgroupCapacity ?? 0) > 100
            }
            try end.write("", to: "end")
            _ = child.wait(seconds: 60)
            burner.stop()
            try reader.read()
            let grown = reader.sample.faults["kernel_table_grown"] ?? 0
            #expect(grown >= 1)
            #expect((reader.sample.kernel?.cgroupCapacity ?? 0) > 100)
            var inside = Set([try inode(of: parent.directory)])
            for number in 0..<100 { inside.insert(try inode(of: "\(parent.directory)/c\(number)")) }
            let named = inside.reduce(0) { $0 + reader.seconds($1) }
            let overflow = Double(reader.sample.overflowNanoseconds) / 1e9
            let truth = try parent.cpuSeconds()
            #expect(
                truth > 0.1 && named <= truth * 1.005 && named + overflow >= truth * 0.995,
                "named \(named) s, overflow \(overflow) s, cpu.stat \(truth) s, grown \(grown) times")
            // The one that ran through every exchange of the programs.
            let (reported, expected) = (reader.seconds(try inode(of: steady.directory)), try steady.cpuSeconds())
            #expect(
                reported <= expected * 1.001 && reported + overflow >= expected * 0.999,
                "\(reported) s, cpu.stat \(expected) s")
            #expect(reader.sample.faults["kernel_table_growth_failed"] == nil)
        }

        /// One that lives on although it was taken for gone, here because the tree that is looked at is not its own:
        /// what it ran before must neither be lost nor reported again.
        @Test func aCgroupThatIsForgottenBeginsAnew() throws {
            let elsewhere = try TemporaryDirectory()
            try elsewhere.write("", to: "cgroup.controllers")
            let reader = try reader(
                { $0.events = .none }, trees: [try #require(CgroupTree(cgroupfs: elsewhere.path))])
            let cgroup = try TestCgroup("sleeper")
            let id = try inode(of: cgroup.directory)
            let burner = try cgroup.run("while :; do :; done")
            try cgroup.waitForCPU(0.5)
            kill(-burner.pid, SIGSTOP)
            let isForgotten = try eventually(every: 0.2) {
                try reader.read()
                return reader.sample.forgotten.contains(id)
            }
            #expect(isForgotten)
            let before = try cgroup.cpuSeconds()
            kill(-burner.pid, SIGCONT)
            try cgroup.waitForCPU(0.5)
            burner.stop()
            try reader.read()
            let growth = try cgroup.cpuSeconds() - before
            let reported = reader.seconds(id)
            #expect(before > 0.3 && growth > 0.3)
            #expect(abs(reported - growth) <= 0.01 * growth, "\(reported) s of \(growth) s, \(before) s before")
        }

        /// A process that another one moves while it runs, which is what every container runtime does.
        @Test(.enabled(if: Conditions.has("chrt") && Conditions.has("taskset"), "needs chrt and taskset"))
        func aProcessThatIsMovedIsChargedToEachForItsOwnPart() throws {
            let reader = try reader()
            let (one, two) = (try TestCgroup("moved-from"), try TestCgroup("moved-to"))
            // With real-time priority: the next switch would hide that a move was not noticed.
            let burner = try one.run("exec chrt -f 50 taskset -c 1 sh -c 'while :; do :; done'")
            // Twice as long in one as in the other: charging the wrong one must not even out. And few moves, because each may
            // be off by a timer tick.
            for move in 0..<8 {
                let (from, to) = move % 2 == 0 ? (one, two) : (two, one)
                try from.waitForCPU(move % 2 == 0 ? 0.6 : 0.3)
                // As a tick does; after it, it is known who runs.
                try reader.read()
                try writeFile(to.directory + "/cgroup.procs", "\(burner.pid)")
            }
            burner.stop()
            try reader.read()
            let reported = try [one, two].map { reader.seconds(try inode(of: $0.directory)) }
            let truth = try [one, two].map { try $0.cpuSeconds() }
            #expect(truth[0] > 1.5 * truth[1] && truth[1] > 1, "cpu.stat \(truth) s")
            for (seconds, expected) in zip(reported, truth) {
                // The kernel says a little later that a process was moved. What it counts in between, mostly one timer tick
                // of 4 ms, `cpu.stat` gives to the new cgroup, and the programs to the old one.
                #expect(abs(seconds - expected) <= 0.02 * expected, "\(reported) s, cpu.stat \(truth) s")
            }
            let (sum, whole) = (reported.reduce(0, +), truth.reduce(0, +))
            #expect(abs(sum - whole) <= 0.001 * whole, "\(reported) s, cpu.stat \(truth) s")
        }

        /// Twice within one run on the CPU: the first still gets what it ran, the last the rest.
        @Test(.enabled(if: Conditions.has("chrt") && Conditions.has("taskset"), "needs chrt and taskset"))
        func aProcessThatIsMovedTwiceLeavesTheFirstItsPart() throws {
            let reader = try reader()
            let cgroups = try ["first", "between", "last"].map { try TestCgroup("twice-" + $0) }
            let burner = try cgroups[0].run("exec chrt -f 50 taskset -c 1 sh -c 'while :; do :; done'")
            try cgroups[0].waitForCPU(0.3)
            try reader.read()
            try cgroups[0].waitForCPU(0.3)
            for cgroup in cgroups.dropFirst() {
                try writeFile(cgroup.directory + "/cgroup.procs", "\(burner.pid)")
                try cgroup.waitForCPU(0.2)
            }
            burner.stop()
            try reader.read()
            let reported = try cgroups.map { reader.seconds(try inode(of: $0.directory)) }
            let truth = try cgroups.map { try $0.cpuSeconds() }
            #expect(truth[0] > 0.3 && abs(reported[0] - truth[0]) <= 0.02 * truth[0], "\(reported), cpu.stat \(truth)")
            let (sum, whole) = (reported.reduce(0, +), truth.reduce(0, +))
            #expect(abs(sum - whole) <= 0.01 * whole, "\(reported), cpu.stat \(truth)")
        }

        /// A drain whose ring has lost a record must not let a total fall: that would be taken for a new beginning.
        @Test func totalsOfReplacedProgramsNeverFall() throws {
            let reader = try reader { settings in
                settings.cgroupCapacity = 128
                settings.tracksWaits = true
            }
            let parent = try TestCgroup("carried")
            let child = try parent.run(
                """
                i=0
                while [ $i -lt 300 ]; do
                    mkdir \(parent.directory)/c$i
                    (echo 0 > \(parent.directory)/c$i/cgroup.procs; j=0; while [ $j -lt 500 ]; do j=$((j + 1)); done)
                    i=$((i + 1))
                done
                """)
            var isOver = false
            while !isOver {
                isOver = child.wait(seconds: 0.02) != nil
                try reader.read()
            }
            #expect(reader.sample.faults["kernel_table_grown"] ?? 0 >= 1)
            #expect(reader.falls == 0)
            #expect(reader.sample.faults["counter_records_lost"] == 0, "\(reader.sample.faults)")
        }

        /// A hybrid machine: a container in the version 1 hierarchy, and the rest in the unified one.
        @Test(
            .enabled(
                if: CgroupTree(legacyBelow: "/sys/fs/cgroup", procfs: "/proc") != nil, "needs cpuacct in version 1"))
        func bothHierarchiesOfAHybridMachineAreAccountedOnce() throws {
            let legacy = try #require(CgroupTree(legacyBelow: "/sys/fs/cgroup", procfs: "/proc"))
            let path = "/energyd-test-\(getpid())-legacy"
            let directory = legacy.root + path
            mkdir(directory, 0o755)
            defer { rmdir(directory) }
            let reader = try reader(trees: [tree, legacy])
            let id = try inode(of: directory) | CgroupTree.legacyBit
            let unified = try TestCgroup("hybrid")
            // In both: the version 1 cgroup has it; in one: the unified has it.
            let both = try Child(["sh", "-c", "while :; do :; done"], cgroup: directory)
            eventually { ((try? legacy.cpuMicroseconds(path: path)) ?? 0) > 50_000 }
            try writeFile(unified.directory + "/cgroup.procs", "\(both.pid)")
            try reader.read()
            let before = reader.seconds(id)
            let one = try unified.run("while :; do :; done")
            try unified.waitForCPU(1)
            both.stop()
            one.stop()
            try reader.read()
            let reported = reader.seconds(id)
            let truth = Double(try legacy.cpuMicroseconds(path: path)) / 1e6
            #expect(truth > 0.2 && abs(reported - truth) <= 0.005 * truth, "\(reported) s, cpuacct.usage \(truth) s")
            let (rest, whole) = (try reader.seconds(unified), try unified.cpuSeconds())
            // Of what the unified cgroup saw, the other hierarchy has its own part; the kernel moves at a timer tick.
            #expect(
                rest > 0.05 && abs(rest + reported - before - whole) <= 0.01 * whole + 0.01, "\(rest) s of \(whole) s")
            // Renamed: the same cgroup under another name.
            let renamed = directory + "-renamed"
            #expect(rename(directory, renamed) == 0)
            defer { rmdir(renamed) }
            try reader.read()
            #expect(reader.sample.renamed.contains { $0.id == id && $0.path == path + "-renamed" })
            #expect(rmdir(renamed) == 0)
            try reader.read()
            #expect(reader.sample.removed.contains(id))
        }

        @Test func theTimeOfEveryCPUAddsUp() throws {
            let reader = try reader()
            let first = try #require(reader.sample.cpu)
            let cgroup = try TestCgroup("truth")
            let burner = try cgroup.run("while :; do :; done")
            sleep(4)
            burner.stop()
            try reader.read()
            let last = try #require(reader.sample.cpu)
            let wall = (last.moment - first.moment) / .seconds(1)
            let sum = Double(last.charged - first.charged + last.idle - first.idle + last.stolen - first.stolen) / 1e9
            let whole = wall * Double(last.online)
            #expect(last.online == sysconf(Int32(_SC_NPROCESSORS_ONLN)))
            // The readings themselves take a moment, and an idle CPU's clock is up to one timer tick old.
            #expect(abs(sum - whole) <= 0.005 * whole, "\(sum) s of \(whole) s")
            #expect(last.idle >= first.idle && last.charged > first.charged)
        }
    }
}

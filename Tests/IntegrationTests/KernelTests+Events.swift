import Accounting
import BPF
import Glibc
import Linux
import TestSupport
import Testing

/// What is counted besides CPU time.
extension RealKernel.Kernel {
    @Test func waitsAndPreemptionsAreCounted() throws {
        let reader = try reader { $0.tracksWaits = true }
        let (crowd, sleeper) = (try TestCgroup("crowd"), try TestCgroup("sleeper"))
        // Two that want one CPU wait for each other; one that sleeps never does.
        let burners = try (0..<2).map { _ in try crowd.run("exec taskset -c 1 sh -c 'while :; do :; done'") }
        let child = try sleeper.run("i=0; while [ $i -lt 50 ]; do sleep 0.01; i=$((i + 1)); done")
        child.wait(seconds: 20)
        try crowd.waitForCPU(0.5)
        for burner in burners { burner.stop() }
        try reader.read()
        let (crowded, slept) = (try reader.counters(crowd), try reader.counters(sleeper))
        #expect(crowded.involuntarySwitches > crowded.voluntarySwitches)
        #expect(slept.voluntarySwitches > slept.involuntarySwitches)
        // Two on one CPU: each waits about as long as it runs, or longer where others want it too.
        let ratio = Double(crowded.waitNanoseconds) / Double(crowded.cpuNanoseconds)
        #expect(ratio > 0.5, "\(ratio)")
        // All but those whose beginning was not seen.
        let reported = crowded.waits.wrappedSum()
        #expect(reported <= crowded.switches && reported + 5 >= crowded.switches)
        // A millisecond and more.
        let long = (8..<16).reduce(0) { $0 + crowded.waits[$1] }
        #expect(long > 0)
    }

    /// Software events take the way of hardware counters.
    @Test(arguments: [100_000, 20]) func countersGoToThoseWhoRan(budget: Int) throws {
        let reader = try reader { settings in
            settings.counters = [.cpuClock, .contextSwitches, .pageFaults]
            settings.counterBudget = budget
        }
        let state = try #require(reader.sample.kernel)
        #expect(state.countingPeriod == 1 || budget == 20 && (state.countingPeriod ?? 0) > 1)
        let before = try #require(reader.sample.cpu).stolen
        let cgroup = try TestCgroup("counted")
        // Thousands of runs: one in some dozens is counted.
        let child = try cgroup.run("i=0; while [ $i -lt 2000 ]; do /bin/true; i=$((i + 1)); done")
        child.wait(seconds: 60)
        try reader.read()
        let counters = try reader.counters(cgroup)
        let (time, clock, faults) = (counters.counted[0], counters.counted[1], counters.counted[3])
        #expect(time > 0 && faults > 0)
        if state.countingPeriod == 1 {
            #expect(Double(time) > 0.9 * Double(counters.cpuNanoseconds))
        } else {
            #expect(Double(time) < 0.5 * Double(counters.cpuNanoseconds))
        }
        // The CPU clock counts nanoseconds of the CPU: as many as the runs lasted, and the share that interrupts and the
        // hypervisor took of them, which is no task's time.
        let stolen = Double(try #require(reader.sample.cpu).stolen - before) / Double(counters.cpuNanoseconds)
        let ratio = Double(clock) / Double(time)
        #expect(ratio > 0.9 && ratio < 1.1 + stolen, "\(ratio), \(stolen) stolen")
    }

    /// As if both CPUs were threads of one core.
    @Test(
        .enabled(if: sysconf(Int32(_SC_NPROCESSORS_ONLN)) >= 2, "needs two CPUs"),
        .enabled(if: Conditions.has("chrt") && Conditions.has("taskset"), "needs chrt and taskset"))
    func timeBesideABusySiblingIsCounted() throws {
        let topology = try TemporaryDirectory()
        for cpu in 0..<Machine.possibleCPUs {
            try topology.write(
                "\(cpu & ~1)-\(cpu | 1)", to: "devices/system/cpu/cpu\(cpu)/topology/core_cpus_list")
        }
        let reader = try reader {
            $0.topology = CPUTopology(sysfs: topology.path, cpuCount: Machine.possibleCPUs)
        }
        /// Shares of a loop's time on CPU 0 in which CPU 1 was busy: as reported, and by the kernel's own idle time
        /// between the same two moments. The loops have real-time priority, so that nothing else takes their place.
        func shares(_ name: String, others: Int) throws -> (reported: Double, truth: Double, stolen: Double) {
            let (cgroup, neighbours) = (try TestCgroup(name), try TestCgroup(name + "-others"))
            let loop = "exec chrt -f 50 taskset -c %d sh -c 'while :; do :; done'"
            let others = try (0..<others).map { _ in try neighbours.run(loop.replacing("%d", with: "1")) }
            let burner = try cgroup.run(loop.replacing("%d", with: "0"))
            defer { for child in others + [burner] { child.stop() } }
            // On a busy machine it takes a while until the loops run.
            try cgroup.waitForCPU(0.05)
            if !others.isEmpty { try neighbours.waitForCPU(0.05) }
            func now() throws -> (UsageCounters, ticks: (idle: Double, stolen: Double), ContinuousClock.Instant) {
                try reader.read()
                return (try reader.counters(cgroup), try cpuTicks(of: 1), .now)
            }
            let before = try now()
            try cgroup.waitForCPU(1)
            let after = try now()
            let growth = after.0 - before.0
            let ticks = (after.2 - before.2) / .seconds(1) * Double(sysconf(Int32(_SC_CLK_TCK)))
            return (
                Double(growth.sharedNanoseconds) / Double(growth.cpuNanoseconds),
                1 - (after.ticks.idle - before.ticks.idle) / ticks,
                (after.ticks.stolen - before.ticks.stolen) / ticks
            )
        }
        // The machine may have other things to do: what counts is that both agree. Where the hypervisor gave the CPU
        // to another machine, the kernel's idle time and its clocks tell different things: then once more.
        func undisturbed(_ name: String, others: Int) throws -> (reported: Double, truth: Double, stolen: Double) {
            var last = try shares(name, others: others)
            for attempt in 1..<5 where last.stolen > 0.02 { last = try shares("\(name)-\(attempt)", others: others) }
            return last
        }
        let (alone, beside) = (try undisturbed("alone", others: 0), try undisturbed("beside", others: 1))
        #expect(abs(alone.reported - alone.truth) < 0.1, "\(alone)")
        #expect(abs(beside.reported - beside.truth) < 0.1 && beside.reported > 0.8, "\(beside)")
    }

    private func cpuTicks(of cpu: Int) throws -> (idle: Double, stolen: Double) {
        let text = try readText("/proc/stat")
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("cpu\(cpu) ") })
        let fields = line.split(separator: " ").map { Double($0) ?? 0 }
        return (fields[4] + fields[5], fields[8])
    }
}

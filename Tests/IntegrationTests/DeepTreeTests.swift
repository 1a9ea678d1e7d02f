import Accounting
import FoundationEssentials
import Glibc
import Linux
import TestSupport
import Testing

extension RealKernel {
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct DeepTreeTests {
        /// Following cgroups by tracepoints ends with the first deep one, loudly, and the accounting continues.
        @Test func tracepointsAreGivenUpForADeepTree() throws {
            let reader = try reader(capacity: 1024)
            #expect(reader.accounting.tier.reason.contains("tracepoints") && !reader.accounting.tier.isDegraded)
            #expect(reader.sample.faults["cgroup_events_ended"] == nil)

            let top = try TestCgroup("deep")
            let burner = try top.run("while :; do :; done")
            let levels = try deepTree(below: top)
            defer { for level in levels.reversed() { rmdir(level) } }
            let attached = try links()
            try reader.read()
            // Of the five programs at tracepoints for cgroups none is left: the kernel builds no path any more.
            #expect(try links() == attached - 5)
            #expect(reader.sample.faults["cgroup_events_ended"] == 1)
            let tier = reader.accounting.tier
            #expect(
                tier.isDegraded && tier.reason.contains("more than \(KernelAccounting.deepestFollowed) levels deep"))

            // Found by a walk from here on, and charged as before.
            let later = try TestCgroup("later")
            let second = try later.run("while :; do :; done")
            try later.waitForCPU(0.3)
            try top.waitForCPU(0.1)
            try reader.read()
            burner.stop()
            second.stop()
            try reader.read()
            #expect(reader.sample.faults["cgroup_events_ended"] == 1)
            for cgroup in [top, later] {
                let (seconds, truth) = (try reader.seconds(cgroup), try cgroup.cpuSeconds())
                #expect(
                    truth > 0.2 && abs(seconds - truth) <= 0.005 * truth + 0.02, "\(seconds) s, cpu.stat \(truth) s")
            }
        }

        /// Larger programs that take the place of others follow no cgroups either.
        @Test func largerProgramsDoNotTakeThemUpAgain() throws {
            let reader = try reader(capacity: 16)
            let top = try TestCgroup("larger")
            let levels = try deepTree(below: top)
            defer { for level in levels.reversed() { rmdir(level) } }
            try reader.read()
            let attached = try links()
            let child = try top.run(
                """
                i=0
                while [ $i -lt 40 ]; do
                    mkdir \(top.directory)/c$i
                    (echo 0 > \(top.directory)/c$i/cgroup.procs; j=0; while [ $j -lt 2000 ]; do j=$((j + 1)); done)
                    i=$((i + 1))
                done
                """)
            _ = child.wait(seconds: 60)
            let isLarger = try eventually(every: 0.1) {
                try reader.read()
                return (reader.sample.kernel?.cgroupCapacity ?? 0) > 16
            }
            #expect(isLarger)
            #expect(try links() == attached)
            #expect(reader.accounting.tier.isDegraded)
        }

        /// What stays shallow keeps them.
        @Test func tracepointsStayForAnOrdinaryTree() throws {
            let reader = try reader(capacity: 1024)
            let cgroup = try TestCgroup("shallow")
            try reader.read()
            #expect(reader.sample.created.contains { $0.path == cgroup.path })
            #expect(reader.sample.faults["cgroup_events_ended"] == nil && !reader.accounting.tier.isDegraded)
        }

        /// Follows cgroups at tracepoints.
        private func reader(capacity: Int) throws -> KernelReader {
            let tree = try #require(CgroupTree(cgroupfs: "/sys/fs/cgroup"))
            var settings = KernelSettings(cgroupCapacity: capacity)
            settings.events = .tracepoints
            return try KernelReader(settings, trees: [tree])
        }

        /// Makes as many levels as are followed by tracepoints, and with the first one more.
        private func deepTree(below top: TestCgroup) throws -> [String] {
            let levels = (1...KernelAccounting.deepestFollowed).map {
                top.directory + String(repeating: "/d", count: $0)
            }
            for level in levels { try #require(mkdir(level, 0o755) == 0, "\(level): errno \(errno)") }
            return levels
        }

        /// Programs that this process has attached.
        private func links() throws -> Int {
            try listDirectory("/proc/self/fd").count { entry in
                let path = "/proc/self/fd/\(entry.name)"
                let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? ""
                return target.hasSuffix("bpf_link") || target.hasSuffix("bpf-raw-tracepoint")
            }
        }
    }
}

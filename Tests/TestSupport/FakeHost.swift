import Glibc
package import Linux

/// A machine made of files: cgroups, processes and a RAPL tree, all changeable.
package final class FakeHost {
    private let directory: TemporaryDirectory
    /// Time on this machine.
    package let time = ManualTime(1000)
    package let rapl: FakeRAPL
    /// Inclusive CPU time by cgroup path, us.
    package private(set) var usage: [String: UInt64] = [:]
    /// Throttled time by cgroup path, us; where there is none, no quota can be set.
    private var throttled: [String: UInt64] = [:]
    package private(set) var energy: [String: UInt64] = ["intel-rapl:0": 0, "intel-rapl:0:0": 0]

    package init() throws {
        directory = try TemporaryDirectory()
        rapl = try FakeRAPL()
        try rapl.add("intel-rapl:0", name: "package-0")
        try rapl.add("intel-rapl:0:0", name: "dram")
        try directory.write("cpu  0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0\n", to: "proc/stat")
        try directory.write(
            "vendor_id : GenuineIntel\ncpu family : 6\nmodel : 85\nstepping : 4\nmodel name : Fake CPU\n",
            to: "proc/cpuinfo")
        try directory.write("b0000000-0000-4000-8000-000000000001\n", to: "proc/sys/kernel/random/boot_id")
        try directory.write("", to: "cgroup/cgroup.controllers")
        try makeCgroup("/")
    }

    package var paths: HostPaths {
        HostPaths(
            procfs: directory.path + "/proc", sysfs: rapl.sysfs, cgroupfs: directory.path + "/cgroup",
            logs: directory.path + "/log")
    }

    /// Directories of the machine's files: different in every run.
    package var directories: [String] { [directory.path, rapl.sysfs] }

    /// A file beside the machine's own.
    package func file(_ name: String) -> String { directory.path + "/" + name }

    package func boot() throws {
        try directory.write("b0000000-0000-4000-8000-000000000002\n", to: "proc/sys/kernel/random/boot_id")
    }

    /// Writes a file beside the machine's; returns its path.
    package func store(_ text: String, as name: String) throws -> String {
        try directory.write(text, to: name)
        return directory.path + "/" + name
    }

    package func makeCgroup(_ path: String) throws {
        usage[path] = 0
        try store(path)
    }

    package func removeCgroup(_ path: String) {
        removeTree(directory.path + "/cgroup" + path)
        usage = usage.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
    }

    /// Removes the whole tree, and restores it.
    package func hideCgroups(_ hidden: Bool) throws {
        let (shown, away) = (directory.path + "/cgroup", directory.path + "/away")
        guard (hidden ? Glibc.rename(shown, away) : Glibc.rename(away, shown)) == 0 else {
            throw Failure("rename: errno \(errno)")
        }
    }

    package func rename(_ path: String, to other: String) throws {
        let root = directory.path + "/cgroup"
        guard Glibc.rename(root + path, root + other) == 0 else { throw Failure("rename: errno \(errno)") }
        usage[other] = usage.removeValue(forKey: path)
    }

    /// Runs something in a cgroup: its counter grows, and those above it.
    package func run(_ path: String, microseconds: UInt64, storing: Bool = true) throws {
        let started = path
        var path = path
        while true {
            usage[path, default: 0] += microseconds
            if storing || path != started { try store(path) }
            guard path != "/" else { return }
            let parent = path.split(separator: "/").dropLast().joined(separator: "/")
            path = "/" + parent
        }
    }

    /// Lets a cgroup wait for its quota, a period for each millisecond.
    package func throttle(_ path: String, microseconds: UInt64) throws {
        throttled[path, default: 0] += microseconds
        try store(path)
    }

    /// Makes `cpu.stat` unreadable as garbage, until ``mend(_:)``.
    package func corrupt(_ path: String) throws {
        try directory.write("junk\n", to: "cgroup\(path)/cpu.stat")
    }

    package func mend(_ path: String) throws {
        try store(path)
    }

    /// The times of `/proc/stat` and of one kernel thread.
    package func setMachine(busyTicks: Int, kernelTicks: Int) throws {
        try directory.write("cpu  \(busyTicks) 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\n", to: "proc/stat")
        try directory.write(
            "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 \(kernelTicks) 0 0 20 0 1 0 12 0 0\n", to: "proc/2/stat")
    }

    package func draw(_ zone: String, microjoules: UInt64) throws {
        energy[zone, default: 0] += microjoules
        try rapl.set(zone, energy[zone, default: 0] % FakeRAPL.usualRange)
    }

    private func store(_ path: String) throws {
        let below = path == "/" ? "" : path
        let quota = throttled[path].map { "nr_throttled \($0 / 1000)\nthrottled_usec \($0)\n" } ?? ""
        try directory.write("usage_usec \(usage[path] ?? 0)\nuser_usec 0\n\(quota)", to: "cgroup\(below)/cpu.stat")
    }
}

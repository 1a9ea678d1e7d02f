import Accounting
import Glibc
import Linux
import TestSupport
import Testing

/// Accounting from files, and what users may put into the files that it reads.
@Suite struct FileAccountingTests {
    private func thread(_ host: FakeHost, _ pid: Int, ticks: UInt64, cgroup: String? = "/", flags: Int = 2_129_984)
        throws
    {
        _ = try host.store(
            "\(pid) (vhost-1) S 0 0 0 0 -1 \(flags) 0 0 0 0 0 \(ticks) 0 0 20 0 1 0 12 0 0\n", as: "proc/\(pid)/stat")
        if let cgroup { _ = try host.store("0::\(cgroup)\n", as: "proc/\(pid)/cgroup") }
    }

    /// Reads a machine made of files. The first reading, which is the base, is that of `init`.
    private final class Reader {
        private let accounting: FileAccounting
        private(set) var sample = AccountingSample()
        private(set) var paths: [UInt64: String] = [:]
        private var totals: [UInt64: UInt64] = [:]

        init(_ host: FakeHost, processes: Bool = false) throws {
            accounting = FileAccounting(
                paths: host.paths, tree: CgroupTree(cgroupfs: host.paths.cgroupfs), reason: "a test",
                tracksProcesses: processes)
            try read()
        }

        func read() throws {
            try accounting.read(into: &sample)
            for cgroup in sample.created { (paths[cgroup.id], totals[cgroup.id]) = (cgroup.path, 0) }
            for usage in sample.usage { totals[usage.cgroup] = usage.cpuNanoseconds }
        }

        /// CPU time of a cgroup since the base, s.
        func cpu(_ path: String) -> Double? {
            paths.first { $0.value == path }.flatMap { totals[$0.key] }.map { Double($0) / 1e9 }
        }

        var kernelSeconds: Double { Double(sample.kernelNanoseconds) / 1e9 }
    }

    @Test func onlyCgroupsThatRanAreReported() throws {
        let host = try FakeHost()
        for name in ["/a", "/b"] { try host.makeCgroup(name) }
        let reader = try Reader(host)
        #expect(reader.sample.usage.isEmpty && Set(reader.paths.values) == ["/", "/a", "/b"])
        try host.run("/a", microseconds: 5)
        try reader.read()
        #expect(reader.sample.usage.map { reader.paths[$0.cgroup] } == ["/a"])
        try reader.read()
        #expect(reader.sample.usage.isEmpty && reader.cpu("/a") == 5e-6)
    }

    /// A virtual machine's network thread is a kernel thread in the machine's cgroup, whose `cpu.stat` has it already.
    @Test func kernelThreadsOfACgroupAreTheCgroups() throws {
        let host = try FakeHost()
        try host.makeCgroup("/vm.scope")
        try thread(host, 2, ticks: 0)
        try thread(host, 40, ticks: 0, cgroup: "/vm.scope")
        let reader = try Reader(host, processes: true)
        try reader.read()
        let hz = UInt64(clockTicksPerSecond)
        for second in 1...3 {
            try thread(host, 2, ticks: UInt64(second) * hz)
            try thread(host, 40, ticks: UInt64(second) * 2 * hz, cgroup: "/vm.scope")
            try host.run("/vm.scope", microseconds: 2_000_000)
            try host.run("/", microseconds: 1_500_000)
            try reader.read()
            #expect(reader.cpu("/vm.scope") == Double(second * 2))
            #expect(reader.kernelSeconds == Double(second))
            #expect(reader.cpu("/") == Double(second) / 2)
        }
    }

    /// In a cgroup namespace the root that is seen is not where kernel threads live.
    @Test func kernelThreadsThatLiveElsewhereAreNotTakenFromTheRoot() throws {
        let host = try FakeHost()
        try thread(host, 2, ticks: 0, cgroup: "/../..")
        let reader = try Reader(host, processes: true)
        try thread(host, 2, ticks: UInt64(clockTicksPerSecond), cgroup: "/../..")
        try host.run("/", microseconds: 700_000)
        try reader.read()
        #expect(reader.kernelSeconds == 1)
        #expect(reader.cpu("/") == 0.7)
    }

    /// Figures that do not fit together must not keep a cgroup from being counted for ever.
    @Test func whatACgroupOwesIsBounded() throws {
        let host = try FakeHost()
        try thread(host, 2, ticks: 0)
        let reader = try Reader(host, processes: true)
        try thread(host, 2, ticks: 10_000 * UInt64(clockTicksPerSecond))
        try reader.read()
        try host.run("/", microseconds: 3_000_000)
        try reader.read()
        #expect(reader.cpu("/") == 2)
    }

    @Test(arguments: ["9e18", "1e308", "18446744073709551615"])
    func timesThatNoMachineHasEndNothing(_ garbage: String) throws {
        let host = try FakeHost()
        try host.hideCgroups(true)
        defer { try? host.hideCgroups(false) }
        let reader = try Reader(host)
        for round in 0..<3 {
            let time = round == 1 ? "0" : garbage
            _ = try host.store("cpu  \(time) \(time) \(time) 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\n", as: "proc/stat")
            for pid in 3...6 { try thread(host, pid, ticks: round == 1 ? 0 : 1_800_000_000_000, cgroup: nil) }
            for pid in 7...9 { try thread(host, pid, ticks: round == 1 ? 0 : 1_800_000_000_000, cgroup: nil, flags: 0) }
            try reader.read()
            let sum = reader.sample.usage.reduce(reader.sample.kernelNanoseconds) { sum, usage in
                let (total, overflows) = sum.addingReportingOverflow(usage.cpuNanoseconds)
                return overflows ? .max : total
            }
            // What 100,000 CPUs can use in a minute, in each round, and as much of the kernel's own.
            #expect(sum <= UInt64(round + 1) * 12_000_000_000_000_000)
        }
    }

    @Test func countersThatNoCgroupHasEndNothing() throws {
        let host = try FakeHost()
        for number in 0..<40 { try host.makeCgroup("/a\(number)") }
        let reader = try Reader(host, processes: true)
        for round in 0..<4 {
            for number in 0..<40 {
                let value = round % 2 == 0 ? UInt64.max - UInt64(number) : 0
                _ = try host.store(
                    "usage_usec \(value)\nnr_throttled \(value)\nthrottled_usec \(value)\n",
                    as: "cgroup/a\(number)/cpu.stat")
                _ = try host.store("some avg10=0 total=\(value)\n", as: "cgroup/a\(number)/cpu.pressure")
            }
            for pid in 3...20 { try thread(host, pid, ticks: round % 2 == 0 ? 1_800_000_000_000 : 0) }
            try reader.read()
            let time = reader.sample.usage.reduce(0) { $0 + Double($1.cpuNanoseconds) }
            #expect(time <= Double(round + 1) * 6e15)
        }
    }

    /// A chain that is too deep for a path ends nothing; its time is that of the last that has one.
    @Test func aPathThatIsTooLongEndsNothing() throws {
        let host = try FakeHost()
        try host.makeCgroup("/victim.service")
        try host.makeCgroup("/mallory.slice")
        let root = host.paths.cgroupfs + "/mallory.slice"
        defer { RawTree.remove(root) }
        try RawTree.nest(in: root, name: [UInt8](repeating: 0x64, count: 250), depth: 18) {
            try RawTree.write("usage_usec 5000000\n", to: "cpu.stat", in: $0)
        }
        let reader = try Reader(host)
        try host.run("/victim.service", microseconds: 2_000_000)
        try host.run("/mallory.slice", microseconds: 1_000_000)
        try reader.read()
        #expect(reader.cpu("/victim.service") == 2)
        #expect(reader.cpu("/mallory.slice") == 1)
        #expect(reader.sample.faults["cpu_stat_unreadable"] ?? 0 == 0)
    }

    @Test func cgroupsOfAnyNameAreCountedEachForItself() throws {
        let host = try FakeHost()
        let names: [[UInt8]] = [
            [0x61, 0xFF], [0x61, 0xFE], Array("é".utf8), Array("e\u{301}".utf8), Array("x\r".utf8),
        ]
        func set(_ time: UInt64) throws {
            for (number, name) in names.enumerated() {
                let path = "\(host.paths.cgroupfs)/\(NameBytes.text(name))"
                let directory = NameBytes.bytes(of: path).map(CChar.init(bitPattern:)) + [0]
                mkdir(directory, 0o755)
                let descriptor = open(directory, O_RDONLY | O_DIRECTORY)
                defer { close(descriptor) }
                try RawTree.write("usage_usec \(time * UInt64(number + 1))\n", to: "cpu.stat", in: descriptor)
            }
        }
        defer { RawTree.remove(host.paths.cgroupfs) }
        try set(0)
        for (number, name) in names.enumerated() {
            let line = "\(100 + number) (p) S 1 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12 0 0\n"
            _ = try host.store(line, as: "proc/\(100 + number)/stat")
            let file = open(host.file("proc/\(100 + number)/cgroup"), O_WRONLY | O_CREAT, 0o644)
            defer { close(file) }
            let content = Array("0::/".utf8) + name + [0x0A]
            #expect(write(file, content, content.count) == content.count)
        }
        let reader = try Reader(host, processes: true)
        try set(1_000_000)
        try reader.read()
        for (number, name) in names.enumerated() {
            #expect(reader.cpu("/" + NameBytes.text(name)) == Double(number + 1))
            let process = reader.sample.processes.first { $0.pid == Int32(100 + number) }
            #expect(process.flatMap { reader.paths[$0.cgroup] } == "/" + NameBytes.text(name))
        }
    }
}

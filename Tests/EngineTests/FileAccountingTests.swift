import Engine
import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

/// Tier C, and what others may put into the files that it reads.
@Suite struct FileAccountingTests {
    private func thread(_ host: FakeHost, _ pid: Int, ticks: UInt64, cgroup: String? = "/", flags: Int = 2_129_984)
        throws
    {
        _ = try host.store(
            "\(pid) (vhost-1) S 0 0 0 0 -1 \(flags) 0 0 0 0 0 \(ticks) 0 0 20 0 1 0 12 0 0\n", as: "proc/\(pid)/stat")
        if let cgroup { _ = try host.store("0::\(cgroup)\n", as: "proc/\(pid)/cgroup") }
    }

    private func cpu(_ snapshot: Snapshot, _ path: String) -> Double? {
        snapshot.workloads.first { $0.cgroupPath == path }?.cpuSeconds
    }

    /// A virtual machine's network thread is a kernel thread in the machine's cgroup, whose `cpu.stat` has it already.
    @Test func kernelThreadsOfACgroupAreTheCgroups() throws {
        let host = try FakeHost()
        try host.makeCgroup("/vm.scope")
        try thread(host, 2, ticks: 0)
        try thread(host, 40, ticks: 0, cgroup: "/vm.scope")
        let engine = try host.makeEngine { $0.processes = .on }
        _ = try engine.tick()
        let hz = UInt64(clockTicksPerSecond)
        for second in 1...3 {
            try thread(host, 2, ticks: UInt64(second) * hz)
            try thread(host, 40, ticks: UInt64(second) * 2 * hz, cgroup: "/vm.scope")
            try host.run("/vm.scope", microseconds: 2_000_000)
            try host.run("/", microseconds: 1_500_000)
            let snapshot = try engine.tick()
            #expect(cpu(snapshot, "/vm.scope") == Double(second * 2))
            #expect(snapshot.node.system.cpuSeconds == Double(second))
            #expect(cpu(snapshot, "/") == Double(second) / 2)
        }
    }

    /// In a cgroup namespace the root that is seen is not where kernel threads live.
    @Test func kernelThreadsThatLiveElsewhereAreNotTakenFromTheRoot() throws {
        let host = try FakeHost()
        try thread(host, 2, ticks: 0, cgroup: "/../..")
        let engine = try host.makeEngine { $0.processes = .on }
        try thread(host, 2, ticks: UInt64(clockTicksPerSecond), cgroup: "/../..")
        try host.run("/", microseconds: 700_000)
        let snapshot = try engine.tick()
        #expect(snapshot.node.system.cpuSeconds == 1)
        #expect(cpu(snapshot, "/") == 0.7)
    }

    /// Figures that do not fit together must not keep a cgroup from being counted for ever.
    @Test func whatACgroupOwesIsBounded() throws {
        let host = try FakeHost()
        try thread(host, 2, ticks: 0)
        let engine = try host.makeEngine { $0.processes = .on }
        try thread(host, 2, ticks: 10_000 * UInt64(clockTicksPerSecond))
        _ = try engine.tick()
        try host.run("/", microseconds: 3_000_000)
        #expect(try cpu(engine.tick(), "/") == 2)
    }

    @Test(arguments: ["9e18", "1e308", "18446744073709551615"])
    func timesThatNoMachineHasEndNothing(_ garbage: String) throws {
        let host = try FakeHost()
        try host.hideCgroups(true)
        defer { try? host.hideCgroups(false) }
        let engine = try host.makeEngine()
        for round in 0..<3 {
            let time = round == 1 ? "0" : garbage
            _ = try host.store("cpu  \(time) \(time) \(time) 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\n", as: "proc/stat")
            for pid in 3...6 { try thread(host, pid, ticks: round == 1 ? 0 : 1_800_000_000_000, cgroup: nil) }
            for pid in 7...9 { try thread(host, pid, ticks: round == 1 ? 0 : 1_800_000_000_000, cgroup: nil, flags: 0) }
            let snapshot = try engine.tick()
            #expect(snapshot.node.cpuSeconds.isFinite)
        }
    }

    @Test func countersThatNoCgroupHasEndNothing() throws {
        let host = try FakeHost()
        for number in 0..<40 { try host.makeCgroup("/a\(number)") }
        let engine = try host.makeEngine { $0.processes = .on }
        for round in 0..<4 {
            for number in 0..<40 {
                let value = round % 2 == 0 ? UInt64.max - UInt64(number) : 0
                _ = try host.store(
                    "usage_usec \(value)\nnr_throttled \(value)\nthrottled_usec \(value)\n",
                    as: "cgroup/a\(number)/cpu.stat")
                _ = try host.store("some avg10=0 total=\(value)\n", as: "cgroup/a\(number)/cpu.pressure")
            }
            for pid in 3...20 { try thread(host, pid, ticks: round % 2 == 0 ? 1_800_000_000_000 : 0) }
            let snapshot = try engine.tick()
            for zone in snapshot.node.zones { #expect(snapshot.conservationError(of: zone) == 0) }
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
        let engine = try host.makeEngine()
        try host.run("/victim.service", microseconds: 2_000_000)
        try host.run("/mallory.slice", microseconds: 1_000_000)
        let snapshot = try engine.tick()
        #expect(cpu(snapshot, "/victim.service") == 2)
        #expect(cpu(snapshot, "/mallory.slice") == 1)
        #expect(snapshot.agent.faults["cpu_stat_unreadable"] ?? 0 == 0)
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
        let engine = try host.makeEngine { $0.processes = .on }
        try set(1_000_000)
        let snapshot = try engine.tick()
        for (number, name) in names.enumerated() {
            #expect(cpu(snapshot, "/" + NameBytes.text(name)) == Double(number + 1))
            let process = snapshot.processes.first { $0.pid == Int32(100 + number) }
            let owner = snapshot.workloads.first { $0.id == process?.workloadId }
            #expect(owner?.cgroupPath == "/" + NameBytes.text(name))
        }
    }
}

import Linux
import TestSupport
import Testing

@Suite struct ParserTests {
    @Test func processNamesMayHoldAnything() throws {
        let tail = " S 1 2 3 0 -1 4194304 1 2 3 4 150 50 0 0 20 0 1 0 98765 1 1"
        let process = try #require(ProcessStat(parsing: "42 (a) b (c d))" + tail))
        #expect(process.pid == 42)
        #expect(process.comm == "a) b (c d)")
        #expect(process.cpuNanoseconds == 200 * 1_000_000_000 / UInt64(clockTicksPerSecond))
        #expect(process.startTicks == 98765)
        #expect(!process.isKernelThread)
        let kernel = try #require(
            ProcessStat(parsing: "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 3 0 0 20 0 1 0 12 0 0"))
        #expect(kernel.isKernelThread)
    }

    @Test(arguments: ["", "(", ")(", "1 (x", "x (y) S 1", "1 (x) S 1 2", "9999999999999 (x) S 1 2 3 4 5 6 7 8 9"])
    func whatIsNoProcessIsRefused(_ line: String) {
        #expect(ProcessStat(parsing: line) == nil)
    }

    @Test func garbageNeverTraps() {
        var generator = SeededGenerator(seed: 5)
        let alphabet = Array("() 0123456789-xS\n\u{0}é")
        for _ in 0..<5000 {
            let length = Int.random(in: 0...120, using: &generator)
            let text = String((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? " " })
            _ = ProcessStat(parsing: text)
            _ = try? ProcStat(parsing: text)
            _ = try? ProcStat(parsing: "cpu " + text)
        }
    }

    @Test func theMachinesTimesAreInSeconds() throws {
        let text = """
            cpu  100 20 80 1000 40 6 4 10 0 0
            cpu0 50 10 40 500 20 3 2 5 0 0
            cpu1 50 10 40 500 20 3 2 5 0 0
            intr 5
            btime 1700000000
            """
        let stat = try ProcStat(parsing: text)
        let hz = Double(clockTicksPerSecond)
        #expect(stat.busy == 200 / hz)
        #expect(stat.idle == 1040 / hz)
        #expect(stat.interrupts == 10 / hz)
        #expect(stat.steal == 10 / hz)
        #expect(stat.cpuCount == 2)
        #expect(stat.bootUnixTime == 1_700_000_000)
        for line in ["", "btime", "btime ", "btime -1", "btime 1e9", "btime 99999999999999"] {
            #expect(try ProcStat(parsing: "cpu  1 2 3 4 5 6 7 8\n" + line).bootUnixTime == nil, "\(line)")
        }
        #expect(throws: HostError.self) { try ProcStat(parsing: "cpu  1 2 nan 4 5 6 7 8") }
        #expect(throws: HostError.self) { try ProcStat(parsing: "intr 1") }
    }
}

@Suite struct FileReadingTests {
    @Test func errorsNameTheFileAndTheKind() throws {
        let directory = try TemporaryDirectory()
        try directory.write("12x\n", to: "bad")
        try directory.write(" 7\n", to: "space")
        try directory.write("18446744073709551615\n", to: "good")
        #expect(try readNumber(directory.path + "/good") == .max)
        for (file, code) in [("bad", HostError.Code.malformed), ("space", .malformed), ("none", .missing)] {
            do {
                _ = try readNumber("\(directory.path)/\(file)")
                Issue.record("\(file) was read")
            } catch {
                #expect(error.code == code)
                #expect(error.description.contains("/\(file)"))
            }
        }
    }

    @Test func noMoreThanTheLimitIsRead() throws {
        let directory = try TemporaryDirectory()
        try directory.write(String(repeating: "x", count: 100_000), to: "long")
        #expect(try readFile(directory.path + "/long", limit: 70_000).count == 70_000)
        #expect(try readFile(directory.path + "/long").count == 100_000)
        #expect(try readFile("/proc/self/status").isEmpty == false)
    }

    @Test func controlCharactersDoNotReachMessages() {
        #expect(printable("a\u{1B}[31mb\n", limit: 10) == "a\\u{1b}[31mb\\u{a}")
        #expect(printable("abcdef", limit: 3) == "abc")
    }
}

@Suite struct CgroupTreeTests {
    private func makeTree(below prefix: String) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write("", to: prefix + "cgroup.controllers")
        try directory.write("usage_usec 1000\nuser_usec 5\n", to: prefix + "cpu.stat")
        try directory.write("usage_usec 400\n", to: prefix + "system.slice/cpu.stat")
        try directory.write("usage_usec 300\n", to: prefix + "system.slice/ssh.service/cpu.stat")
        return directory
    }

    @Test(arguments: ["", "unified/"]) func findsTheUnifiedHierarchy(_ prefix: String) throws {
        let directory = try makeTree(below: prefix)
        let tree = try #require(CgroupTree(cgroupfs: directory.path))
        let nodes = try tree.walk()
        #expect(nodes.map(\.path) == ["/", "/system.slice", "/system.slice/ssh.service"])
        #expect(nodes.map(\.parent) == [-1, 0, 1])
        #expect(try nodes.map(\.id) == nodes.map { try inode(of: tree.root + $0.path) })
        #expect(try tree.cpuMicroseconds(path: "/") == 1000)
        #expect(try tree.cpuMicroseconds(path: "/system.slice/ssh.service") == 300)
        #expect(throws: HostError.self) { try tree.cpuMicroseconds(path: "/gone") }
    }

    @Test func versionOneAloneIsNoUnifiedHierarchy() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "cpuacct/tasks")
        #expect(CgroupTree(cgroupfs: directory.path) == nil)
    }
}

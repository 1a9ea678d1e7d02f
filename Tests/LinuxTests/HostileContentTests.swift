import Glibc
import Linux
import TestSupport
import Testing

/// What files hold that others write, or that make no sense.
@Suite struct HostileContentTests {
    @Test(.timeLimit(.minutes(1))) func aPipeDoesNotHoldUsUp() throws {
        let directory = try TemporaryDirectory()
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        #expect(throws: HostError.self) { try readFile(directory.path + "/pipe") }
        #expect(throws: HostError.self) { try readFile(in: directory.path, "pipe") }
        for other in ["/dev/zero", directory.path] {
            #expect(throws: HostError.self, "\(other)") { try readFile(other, limit: 16) }
        }
    }

    /// `--power.redfish.credentials <(pass bmc)` is a pipe, and wanted.
    @Test func whatTheOperatorNamesMayBeAPipe() throws {
        let directory = try TemporaryDirectory()
        let pipe = directory.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = try Child(["/bin/sh", "-c", "echo user:secret > \"$0\"", pipe])
        #expect(try readGivenText(pipe) == "user:secret")
        _ = writer
    }

    @Test(.timeLimit(.minutes(1))) func aPipeThatNothingWritesToIsGivenUp() throws {
        let directory = try TemporaryDirectory()
        let pipe = directory.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let error = #expect(throws: HostError.self) { try readGivenFile(pipe, patience: 0.01) }
        #expect(error?.description == "\(pipe): nothing comes from it")
    }

    @Test func noLinkIsFollowedWhereUsersPutFiles() throws {
        let directory = try TemporaryDirectory()
        try directory.write("mine", to: "home/me/a/b")
        try directory.write("theirs", to: "home/other/secret/b")
        symlink("../other/secret", directory.path + "/home/me/link")
        symlink("../../other/secret/b", directory.path + "/home/me/a/link")
        // The way to the home is the operator's.
        symlink("home", directory.path + "/houses")
        let home = directory.path + "/houses/me"
        #expect(try readFile(in: home, "a/b") == Array("mine".utf8))
        #expect(throws: HostError.self) { try readFile(in: home, "link/b") }
        #expect(throws: HostError.self) { try readFile(in: home, "a/link") }
    }

    /// A combining mark after a parenthesis, or a sign before it, makes one `Character` of both.
    @Test(arguments: ["\u{301}evil", "evil\u{600}", ") (", "a\r", "\u{200D}"])
    func anyNameOfAProcessIsRead(_ comm: String) throws {
        let line = "77 (\(comm)) S 1 77 77 0 -1 4194304 0 0 0 0 3 4 0 0 20 0 1 0 99 0 0"
        let stat = try #require(ProcessStat(parsing: line))
        #expect(stat.pid == 77 && Array(stat.comm.utf8) == Array(comm.utf8) && stat.startTicks == 99)
    }

    /// For a `String`, a carriage return and a newline are one character.
    @Test func linesEndAtTheNewline() {
        #expect(lines(of: "a\r\nb\n\n\u{301}c\n") == ["a\r", "b", "\u{301}c"])
    }

    @Test func numbersThatNoMachineHasAreNoDanger() throws {
        let directory = try TemporaryDirectory()
        try directory.write("MemTotal: 18446744073709551615 kB\n", to: "meminfo")
        #expect(totalMemoryBytes(procfs: directory.path) == nil)
        try directory.write("MemTotal: 1024 kB\r\n", to: "meminfo")
        #expect(totalMemoryBytes(procfs: directory.path) == 1_048_576)
        for row in ["cpuacct\t", "cpuacct\t\t\t", "cpuacct\tx", "cpuacct\t99999999999"] {
            try directory.write("#subsys_name\thierarchy\n\(row)\n", to: "cgroups")
            try directory.write("1", to: "cpuacct/cpuacct.usage")
            #expect(CgroupTree(legacyBelow: directory.path, procfs: directory.path) == nil)
        }
        let stat = try ProcStat(parsing: "cpu  1 2 3 4 5 6 7 8\ncpu0 1 2 3 nan inf -1 1e400 8\n")
        #expect(stat.cpus.first?.idle == 0 && stat.cpus.first?.iowait == 0 && stat.cpus.first?.irq == 0)
        // A gigabyte of numbers, if they were all kept.
        #expect(parseCPUList(String(repeating: "0-65535,", count: 2000) + "1") == nil)
    }
}

import Diagnostics
import Glibc
import Linux
import Settings
import TestSupport
import Testing

@Suite struct CheckTests {
    @Test func theWorstStatusCounts() {
        let checks = [Check("a", "x", .ok, "f"), Check("a", "y", .fail, "f"), Check("a", "z", .warn, "f")]
        #expect(checks.status == .fail && Array(checks.dropLast(2)).status == .ok && [Check]().status == .ok)
    }

    @Test func columnsAreAlignedAndARemedyStandsBelow() {
        let checks = [
            Check("power", "rapl", .warn, "no zone", remedy: "load it"), Check("accounting", "privileges", .ok, "all"),
        ]
        #expect(
            checks.lines == [
                "warn  power rapl             no zone", "                             -> load it",
                "ok    accounting privileges  all",
            ])
    }
}

@Suite struct TopicTests {
    private func host() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write("vendor_id : GenuineIntel\n", to: "proc/cpuinfo")
        try directory.write("MemTotal: 1024 kB\n", to: "proc/meminfo")
        try directory.write("cpu  0 0 0 0 0 0 0 0\ncpu0 0\n", to: "proc/stat")
        return directory
    }

    private func resolved(_ assignments: [Assignment], file: String? = nil) throws -> ResolvedConfiguration {
        try Layers.resolve(flags: assignments, file: file, in: HostEnvironment())
    }

    @Test func aHostWithoutProc() throws {
        let directory = try host()
        let good = hostChecks(HostPaths(procfs: directory.path + "/proc"))
        #expect(good.map(\.status) == [.ok, .ok])
        let bad = hostChecks(HostPaths(procfs: directory.path + "/nope"))
        #expect(bad.first?.status == .fail && bad.first?.remedy?.contains("--path.procfs") == true)
    }

    @Test func aStateFileNeedsItsDirectory() throws {
        let directory = try host()
        #expect(stateChecks(nil).isEmpty)
        #expect(stateChecks(directory.path + "/state").map(\.status) == [.ok])
        let bad = stateChecks(directory.path + "/absent/state")
        #expect(bad.status == .fail && bad.first?.finding.contains("No such file") == true)
        #expect(bad.first?.remedy?.contains("--state.file") == true)
    }

    @Test func whatOthersMayReadOrChangeIsNamed() throws {
        let directory = try host()
        try directory.write("retention = 5m\n", to: "energyd.conf")
        try directory.write("root:calvin\n", to: "password")
        let (file, password) = (directory.path + "/energyd.conf", directory.path + "/password")
        chmod(file, 0o644)
        chmod(password, 0o600)
        let credentials = Assignment(.redfishCredentials, password, from: .flag("--power.redfish.credentials"))
        let good = configurationChecks(try resolved([credentials], file: file))
        #expect(good.map(\.status) == [.ok])
        #expect(good.first?.finding.contains("1 by file, 0 by environment, 1 by flag") == true)
        chmod(file, 0o666)
        chmod(password, 0o644)
        let bad = configurationChecks(try resolved([credentials], file: file))
        #expect(bad.map(\.name) == ["layers", "file", "credentials"] && bad.status == .warn)
        #expect(!bad.contains { $0.finding.contains("calvin") })
    }
}

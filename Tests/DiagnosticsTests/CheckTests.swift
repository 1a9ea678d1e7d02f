import Diagnostics
import Glibc
import Linux
import Settings
import Snapshot
import SnapshotSamples
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
                "ok    accounting privileges  all", "", "warn  works; coarser or less than it could be: power rapl",
            ])
    }

    @Test func whatIsNotThereIsNoFault() {
        let absent = Check("power", "battery", .absent, "none", remedy: "buy one")
        #expect(
            [absent].status == .ok && [absent].lines == ["-     power battery  none", "", "ok    everything works"])
        let all = [absent, Check("a", "x", .fail, "f"), Check("a", "y", .warn, "f")]
        #expect(all.verdict == "does not work: a x; coarser or less than it could be: a y")
    }

    @Test func whatOthersWroteCannotControlTheTerminal() {
        let lines = [Check("a", "x", .warn, "b\u{1B}[2Jc", remedy: "d\u{202E}e")].lines
        #expect(!lines.joined().unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x202E })
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

    @Test func countersHaveToBeAtZeroForLongerThanNamesAreWaitedFor() {
        func check(zero: Int, wait: Int, retention: Int) -> Check {
            counterCheck(zero: .seconds(zero), wait: .seconds(wait), retention: .seconds(retention))
        }
        #expect(check(zero: 60, wait: 15, retention: 600).status == .ok)
        #expect(check(zero: 60, wait: 60, retention: 600).remedy?.contains("--metrics.start-at-zero") == true)
        #expect(check(zero: 60, wait: 0, retention: 60).remedy?.contains("--retention") == true)
        #expect(check(zero: 0, wait: 15, retention: 600).status == .absent)
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
        #expect(stateChecks(nil).map(\.status) == [.absent])
        #expect(stateChecks(directory.path + "/state").map(\.status) == [.ok])
        let bad = stateChecks(directory.path + "/absent/state")
        #expect(bad.status == .fail && bad.first?.finding.contains("No such file") == true)
        #expect(bad.first?.remedy?.contains("--state.file") == true)
    }

    @Test func aHistoryNeedsItsDirectory() throws {
        let directory = try host()
        #expect(historyChecks(nil).map(\.status) == [.absent])
        #expect(historyChecks(directory.path + "/history.db").map(\.status) == [.ok])
        let bad = historyChecks(directory.path + "/absent/history.db")
        #expect(bad.status == .fail && bad.first?.finding.contains("No such file") == true)
        #expect(bad.first?.remedy?.contains("--history.path") == true)
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

    @Test func aFactorForTheWholeWorldIsCoarse() {
        var carbon = CarbonValues()
        #expect(
            carbonChecks(carbon).status == .warn && carbonChecks(carbon)[0].remedy?.contains("--carbon.zone") == true)
        carbon.zone = "DE"
        #expect(carbonChecks(carbon).status == .ok && carbonChecks(carbon)[0].finding.contains("Germany"))
    }

    @Test func aPortThatIsTakenFails() throws {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(server) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(server, $0, length)
                getsockname(server, $0, &length)
            }
        }
        listen(server, 1)
        var web = WebValues()
        web.listen = try #require(ListenAddress(text: "127.0.0.1:\(UInt16(bigEndian: address.sin_port))"))
        let taken = servingChecks(web, agent: nil)
        #expect(taken.status == .fail && taken[0].remedy?.contains("--web.listen-address") == true)
        #expect(servingChecks(web, agent: 7)[0].finding.contains("process 7"))
        web.listen = try #require(ListenAddress(text: "192.0.2.1:9464"))
        #expect(servingChecks(web, agent: nil)[0].finding.contains("no such address"))
    }

    @Test func aSocketNeedsAPlace() throws {
        let directory = try host()
        var web = WebValues()
        web.listen = try #require(ListenAddress(text: "127.0.0.1:0"))
        for (path, status) in [("new/s", Check.Status.ok), ("a/b/s", .warn), ("proc/stat", .warn)] {
            web.socketPath = directory.path + "/" + path
            #expect(servingChecks(web, agent: nil)[1].status == status, "\(path)")
        }
    }

    @Test func aCgroupMustAllowWhatTheAgentNeeds() throws {
        #expect(limitChecks(HostPaths(cgroupfs: "/nope"), needed: 1).map(\.status) == [.ok, .ok])
        // The path of this process's cgroup, in a tree made of files.
        let text = try readText("/proc/self/cgroup")
        let own = try #require(lines(of: text).first { $0.hasPrefix("0::/") }).dropFirst("0::/".count)
        let directory = try host()
        try directory.write("memory\n", to: "cgroup/cgroup.controllers")
        try directory.write("67108864\n", to: "cgroup/\(own)/memory.max")
        let check = limitChecks(HostPaths(cgroupfs: directory.path + "/cgroup"), needed: 96 << 20)[0]
        #expect(check.status == .warn && check.finding.contains("64 MiB") && check.finding.contains("96 MiB"))
    }

    @Test func pushingIsChecked() throws {
        let directory = try host()
        var otlp = OTLPValues()
        #expect(exportChecks(otlp, answer: nil, exports: nil).map(\.status) == [.absent])
        otlp.endpoint = "https://collector:4318/v1/metrics?token=s3cret"
        let good = exportChecks(otlp, answer: .status(405), exports: nil)
        #expect(good.map(\.status) == [.ok] && !good[0].finding.contains("s3cret"))
        #expect(exportChecks(otlp, answer: .status(404), exports: nil).status == .warn)
        otlp.endpoint = "http://collector:4317/v1/metrics"
        let bad = exportChecks(otlp, answer: .failure("refused"), exports: nil)
        #expect(bad.status == .fail && bad[0].remedy?.contains("4318") == true)
        // Secrets that others can read, on the disk and on the way.
        try directory.write("a: b\n", to: "headers")
        otlp.headersFile = directory.path + "/headers"
        otlp.keyFile = directory.path + "/absent"
        otlp.queueDirectory = directory.path + "/a/b"
        chmod(directory.path + "/headers", 0o644)
        let open = exportChecks(otlp, answer: nil, exports: nil)
        #expect(open.map(\.name) == ["headers", "key", "encryption", "queue"])
        #expect(open.map(\.status) == [.warn, .fail, .warn, .warn])
        #expect(open[0].finding == "\(directory.path)/headers: every user of this machine can read the headers")
        // Names that only begin like this machine's.
        for host in ["127.evil.example", "localhost.evil", "127.0.0.1@evil.example", "127.0.0.1.evil.example:4318"] {
            otlp.endpoint = "http://\(host)/v1/metrics"
            #expect(exportChecks(otlp, answer: nil, exports: nil).contains { $0.name == "encryption" }, "\(host)")
        }
        chmod(directory.path + "/headers", 0o600)
        otlp.keyFile = nil
        otlp.endpoint = "http://127.0.0.1:4318/v1/metrics"
        otlp.queueDirectory = directory.path + "/queue"
        #expect(exportChecks(otlp, answer: nil, exports: nil).map(\.name) == ["queue"])
        #expect(exportChecks(otlp, answer: nil, exports: nil).status == .ok)
        otlp.queueDirectory = otlp.headersFile
        #expect(exportChecks(otlp, answer: nil, exports: nil).status == .warn)
    }

    @Test func whatBecameOfPushedMetricsIsShown() {
        var otlp = OTLPValues()
        otlp.endpoint = "http://c/v1/metrics"
        var state = Snapshot.ExportState(target: "http://c/v1/metrics")
        state.sentPoints = 7000
        state.ageSeconds = 12.3
        let good = exportChecks(otlp, answer: nil, exports: [state])
        #expect(
            good.map(\.status) == [.ok]
                && good[0].finding == "http://c/v1/metrics: 7000 data points sent, the last success 12 s ago")
        state.ageSeconds = nil
        state.lastError = "HTTP 503"
        state.queuedRequests = 4
        state.droppedPoints = 9
        let bad = exportChecks(otlp, answer: nil, exports: [state])[0]
        #expect(bad.status == .warn && bad.finding.contains("no success yet, 4 requests wait, 9 dropped"))
        #expect(bad.finding.hasSuffix("; HTTP 503"))
        // The interface of an agent that runs says the same.
        var snapshot = fullSnapshot()
        snapshot.agent.exports = [state]
        #expect(snapshotChecks(snapshot, isReady: true).filter { $0.area == "otlp" } == [bad])
    }

    @Test func whatIsSetAndNotUsedIsNamed() throws {
        var environment = HostEnvironment()
        environment.variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"]
        let checks = configurationChecks(try Layers.resolve(flags: [], in: environment))
        #expect(checks.status == .warn && checks.last?.remedy?.contains("4318") == true)
    }

    @Test func anAgentTellsWhatItLost() {
        var snapshot = fullSnapshot()
        snapshot.agent.notices = ["no meter"]
        snapshot.agent.lateTicks = 0
        snapshot.agent.faults = ["power_wrap": 3, "names_refused": 0]
        snapshot.agent.cgroupsFolded = 0
        let healthy = agentChecks(process: 7, snapshot: snapshot, failure: nil)
        #expect(healthy.map(\.status) == [.ok, .ok, .ok, .warn] && healthy[3].finding == "no meter")
        snapshot.agent.cgroupsFolded = 2500
        let folded = agentChecks(process: 7, snapshot: snapshot, failure: nil)[2]
        #expect(folded.name == "cgroups" && folded.status == .warn && folded.finding.hasPrefix("2500 "))
        // An older one does not say.
        snapshot.agent.cgroupsFolded = nil
        #expect(
            agentChecks(process: 7, snapshot: snapshot, failure: nil).map(\.name) == ["process", "faults", "notice 1"])
        snapshot.agent.faults = ["names_refused": 2]
        #expect(agentChecks(process: 7, snapshot: snapshot, failure: nil)[1].finding.contains("names_refused 2"))
        #expect(agentChecks(process: 7, snapshot: nil, failure: "refused").status == .fail)
        #expect(agentChecks(process: nil, snapshot: nil, failure: nil).map(\.status) == [.absent])
    }
}

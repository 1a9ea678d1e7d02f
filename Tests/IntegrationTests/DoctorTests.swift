import Diagnostics
import Glibc
import TestSupport
import Testing

/// What `energyctl doctor` says about machines made of files.
@Suite struct DoctorTests {
    private struct Report: Decodable {
        let status: Check.Status
        let checks: [Check]

        func check(_ name: String, of area: String = "power") throws -> Check {
            try #require(checks.first { $0.area == area && $0.name == name })
        }
    }

    /// Files for a machine, below a directory that everybody may read.
    private func machine(cpuinfo: String = "vendor_id : GenuineIntel\n") throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        chmod(directory.path, 0o755)
        try directory.write(cpuinfo, to: "proc/cpuinfo")
        try directory.write("cpu  0 0 0 0 0 0 0 0\ncpu0 0\n", to: "proc/stat")
        try directory.write("", to: "sys/x")
        try directory.write("", to: "dev/x")
        return directory
    }

    private func zone(_ directory: TemporaryDirectory, _ zone: String, _ name: String, energy: String) throws {
        let path = "sys/class/powercap/\(zone)"
        try directory.write(name + "\n", to: path + "/name")
        try directory.write("262143328850\n", to: path + "/max_energy_range_uj")
        try directory.write(energy + "\n", to: path + "/energy_uj")
    }

    private func examine(
        _ directory: TemporaryDirectory, prefix: [String] = [], program: String = Programs.energyctl,
        _ flags: [String] = []
    ) throws -> (code: Int32?, report: Report) {
        let (code, output) = try Child.run(
            prefix + [
                program, "doctor", "--output=json", "--settings-of=none", "--tier=procfs",
                "--path.procfs=\(directory.path)/proc",
                "--path.sysfs=\(directory.path)/sys", "--path.devfs=\(directory.path)/dev",
            ] + flags)
        let start = try #require(output.firstIndex(of: "{"), "\(output)")
        return (code, try decode(Report.self, String(output[start...])))
    }

    @Test func aMachineWithNothing() throws {
        let (code, report) = try examine(machine())
        #expect(code == 0 && report.status == .warn)
        let rapl = try report.check("rapl")
        #expect(rapl.status == .warn && rapl.remedy?.contains("modprobe intel_rapl_msr") == true)
        #expect(try report.check("node").finding.contains("estimated"))
        #expect(try report.check("ipmi").status == .absent)
    }

    @Test func aVirtualMachine() throws {
        let (code, report) = try examine(machine(cpuinfo: "vendor_id : GenuineIntel\nflags : fpu hypervisor\n"))
        #expect(code == 0)
        #expect(try report.check("rapl").finding.contains("virtual machine"))
    }

    @Test func aMaskedTree() throws {
        let directory = try machine()
        try directory.write("", to: "sys/class/powercap/intel-rapl/enabled")
        symlink(
            "../../devices/virtual/powercap/intel-rapl/intel-rapl:0",
            directory.path + "/sys/class/powercap/intel-rapl:0")
        let (code, report) = try examine(directory)
        let rapl = try report.check("rapl")
        #expect(code == 1 && rapl.status == .fail && rapl.finding.contains("mask"))
        #expect(rapl.remedy?.contains("--path.sysfs") == true)
    }

    @Test(.enabled(if: Conditions.isRoot && Conditions.has("setpriv"), "needs root to become somebody else"))
    func countersThatOnlyRootMayRead() throws {
        let directory = try machine()
        try zone(directory, "intel-rapl:0", "package-0", energy: "1000")
        chmod(directory.path + "/sys/class/powercap/intel-rapl:0/energy_uj", 0o400)
        // Where everybody may run it.
        let program = directory.path + "/energyctl"
        #expect(try Child.run(["cp", Programs.energyctl, program]).code == 0)
        chmod(program, 0o755)
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let (code, report) = try examine(directory, prefix: nobody, program: program)
        let rapl = try report.check("rapl")
        #expect(code == 1 && rapl.status == .fail && rapl.finding.contains("Permission denied"))
        #expect(rapl.remedy?.contains("CAP_DAC_READ_SEARCH") == true)
    }

    @Test func aMirroredDie() throws {
        let directory = try machine(cpuinfo: "vendor_id : AuthenticAMD\n")
        for die in 0...1 { try zone(directory, "intel-rapl:\(die)", "package-0-die-\(die)", energy: "123456789") }
        let (code, report) = try examine(directory)
        let rapl = try report.check("rapl")
        #expect(code == 0 && rapl.status == .warn)
        #expect(rapl.finding.contains("package-0-die-1 repeats the counter of package-0-die-0, which is counted once"))
    }

    /// A first impression after a second; the agent's own verdict takes longer.
    @Test func twoMetersThatDisagree() throws {
        let directory = try machine()
        // It wants a directory of its own.
        unlink(directory.path + "/sys/x")
        let trees = [(30, "sys"), (60, "host")]
        let machines = try trees.map { watts, name in
            try Child([
                Programs.energyctl, "simulate", "--path", "\(directory.path)/\(name)", "--package", "\(watts):0",
            ])
        }
        for (_, name) in trees {
            eventually { access("\(directory.path)/\(name)/truth.json", F_OK) == 0 }
        }
        let (code, report) = try examine(directory, ["--power.host=\(directory.path)/host"])
        let check = try #require(
            report.checks.first { $0.name == "package-0 (rapl, host)" }, "\(report.checks.map(\.finding))")
        #expect(code == 0 && check.status == .warn && check.finding.contains("times the energy that rapl reports"))
        #expect(check.remedy?.contains("--power.sources") == true)
        for machine in machines { machine.send(SIGTERM) }
    }

    @Test func garbageWhereTheCounterOughtToBe() throws {
        let directory = try machine()
        try zone(directory, "intel-rapl:0", "package-0", energy: "junk")
        let (code, report) = try examine(directory)
        #expect(code == 1)
        #expect(try report.check("rapl").finding.contains("not a number"))
    }

    @Test func withoutProcNothingIsRight() throws {
        let directory = try machine()
        let (code, report) = try examine(directory, ["--path.procfs=\(directory.path)/nope"])
        let proc = try report.check("proc", of: "host")
        #expect(code == 1 && proc.status == .fail && proc.remedy?.contains("--path.procfs") == true)
    }

    @Test func whatTheEstimateLacksIsReported() throws {
        let (code, report) = try examine(machine(cpuinfo: "processor : 0\n"))
        let hardware = try report.check("hardware", of: "host")
        #expect(code == 0 && hardware.status == .warn)
        #expect(hardware.finding.contains("the CPU is unknown") && hardware.finding.contains("memory is unknown"))
    }

    @Test func aHostsTreeThatWasNamedMustBeThere() throws {
        let (code, report) = try examine(machine(), ["--power.host=/nope"])
        let host = try report.check("host")
        #expect(code == 1 && host.status == .fail && host.finding.contains("/nope"))
        #expect(try examine(machine()).report.check("host").status == .absent)
    }

    /// With the flags of deploy/systemd and deploy/kustomize, as they are.
    @Test func itTakesTheFlagsOfTheAgent() throws {
        let directory = try machine()
        let flags = [
            "--web.listen-address=:9464", "--web.socket=none", "--carbon.zone=DE", "--metrics.level=node",
            "--log.level=debug", "--path.logs=/host/var/log",
        ]
        let (code, report) = try examine(directory, flags + ["--state.file=\(directory.path)/state"])
        #expect(code == 0)
        #expect(try report.check("state", of: "host").status == .ok)
        let (wrong, refused) = try examine(directory, flags + ["--state.file=/nope/state"])
        #expect(wrong == 1)
        #expect(try refused.check("state", of: "host").remedy?.contains("--state.file") == true)
    }

    @Test func aKubeletThatCannotBeReadFails() throws {
        let directory = try machine()
        let (code, report) = try examine(
            directory, ["--kubernetes=kubelet", "--kubernetes.ca-file=\(directory.path)/nope"])
        let kubernetes = try report.check("kubernetes", of: "names")
        #expect(code == 1 && kubernetes.status == .fail && kubernetes.finding.contains("\(directory.path)/nope"))
        #expect(kubernetes.remedy?.contains("--kubernetes.ca-file") == true)
    }

    @Test func whatWasAskedForMustBeThere() throws {
        let (code, report) = try examine(machine(), ["--power.sources=ipmi,estimate"])
        #expect(code == 1)
        #expect(try report.check("ipmi").status == .fail)
        let (_, text) = try Child.run([Programs.energyctl, "doctor", "--help"])
        #expect(text.contains("EXIT STATUS"))
    }

    /// As in a pod, where nobody wants to type the flags of the manifest again.
    @Test func itTakesTheSettingsOfTheAgentThatRuns() throws {
        let directory = try machine()
        let port = try freePort()
        let agent = try Child(
            [
                Programs.energyd, "--path.procfs=\(directory.path)/proc", "--path.sysfs=\(directory.path)/sys",
                "--tier=procfs", "--web.listen-address=127.0.0.1:\(port)", "--web.socket=none", "--carbon.zone=DE",
                "--names=none",
            ], environment: ["ENERGYD_STATE_FILE": directory.path + "/state"])
        eventually { httpGet(port: port, "/readyz")?.status == 200 }
        func examine(_ flags: [String]) throws -> Report {
            let (_, output) = try Child.run(
                [Programs.energyctl, "doctor", "--output=json", "--settings-of=\(agent.pid)"] + flags)
            return try decode(Report.self, String(output[try #require(output.firstIndex(of: "{"), "\(output)")...]))
        }
        let report = try examine([])
        #expect(try report.check("layers", of: "configuration").finding.contains("process \(agent.pid)"))
        #expect(try report.check("intensity", of: "carbon").finding.contains("Germany"))
        #expect(try report.check("state", of: "host").finding.contains(directory.path))
        #expect(try report.check("port", of: "serving").finding.contains("process \(agent.pid)"))
        #expect(try report.check("process", of: "agent").finding.contains("version "))
        // Its own flags win, also over one that excludes the other.
        let other = try examine(["--carbon.intensity=123", "--state.file=/nope/state"])
        #expect(try other.check("intensity", of: "carbon").finding.hasPrefix("123 g"))
        #expect(try other.check("state", of: "host").status == .fail)
        agent.send(SIGTERM)
        agent.wait(seconds: 10)
    }
}

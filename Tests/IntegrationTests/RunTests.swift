import FoundationEssentials
import Glibc
import Linux
import Simulation
import Snapshot
import TestSupport
import Testing

/// What `energyctl run --output json` wrote.
private struct RunOutput: Decodable {
    struct Zone: Decodable {
        var source: String
        var quality: String
        var dynamicMicrojoules: Double
        var staticMicrojoules: Double
    }

    struct Statistic: Decodable {
        var count: Int
        var mean: Double
        var low: Double?
        var high: Double?
    }

    struct Statistics: Decodable {
        var energyJoules: Statistic
    }

    var exitCode: Int32
    var wallSeconds: Double
    var cpuSeconds: Double
    var zones: [String: Zone]
    var energyJoules: Double
    var averageWatts: Double
    var peakWatts: Double?
    var emissionsGrams: Double
    var processesLeft: Int
    var measuredBy: String
    var statistics: Statistics
}

extension RealKernel {
    /// `energyctl run` on a simulated node, where a CPU draws 15 W in the package and 2 W in the memory while it works.
    @Suite(
        .enabled(
            if: Conditions.isRoot && Conditions.has("setpriv") && Conditions.has("python3"),
            "needs root, setpriv and python3"))
    struct Run {
        /// Works until it has used so much CPU time, s.
        private func work(_ seconds: Double) -> String {
            "python3 -c 'import time\nwhile time.process_time() < \(seconds): pass'"
        }

        /// Says how much CPU time the cgroup that it runs in has used by the kernel's own account, s.
        private func account() throws -> String {
            let root = try #require(CgroupTree(cgroupfs: "/sys/fs/cgroup")).root
            return "; awk '/usage_usec/ { print $2 / 1e6 }' \(root)$(sed -n s/^0:://p /proc/self/cgroup)/cpu.stat"
        }

        /// The machine, and an agent where one is wanted.
        private final class Node {
            let cgroup: TestCgroup
            private let directory: TemporaryDirectory
            private let simulator: Child
            private var agent: AgentProcess?
            private let flags: [String]
            private var program: String { directory.path + "/energyctl" }
            private var socket: String { directory.path + "/socket" }
            private var report: String { directory.path + "/reports/json" }

            init(_ name: String, hasAgent: Bool = true, flags: [String] = []) throws {
                directory = try TemporaryDirectory()
                self.flags = flags
                cgroup = try TestCgroup("run-\(name)")
                let tree = directory.path + "/machine"
                simulator = try Child(
                    [
                        Programs.energyctl, "simulate", "--path", tree, "--package=20:15", "--dram=4:2", "--step=5ms",
                        "--workload", cgroup.path,
                    ])
                // For everybody: the program, the socket, a place for reports.
                mkdir(directory.path + "/reports", 0o777)
                guard try Child.run(["cp", Programs.energyctl, program]).code == 0, chmod(program, 0o755) == 0,
                    chmod(directory.path, 0o755) == 0, chmod(directory.path + "/reports", 0o777) == 0,
                    eventually({ access(tree + "/truth.json", F_OK) == 0 })
                else { throw Failure("no simulated machine: \(simulator.output)") }
                if hasAgent { try startAgent() }
            }

            func startAgent() throws {
                agent = try AgentProcess(
                    [
                        "--path.sysfs=\(directory.path)/machine", idle, "--web.socket=\(socket)",
                        "--web.socket-mode=0666", "--state.file=\(directory.path)/state",
                    ] + flags)
            }

            func signalAgent(_ signal: Int32) { agent?.child.send(signal) }

            /// As an init system does after a crash.
            func restartAgent() throws {
                signalAgent(SIGKILL)
                _ = agent?.child.wait(seconds: 10)
                agent = nil
                try startAgent()
            }

            func truth() throws -> SimulationTruth {
                try decode(SimulationTruth.self, readAll(directory.path + "/machine/truth.json"))
            }

            func snapshot() throws -> Snapshot? { try agent?.freshSnapshot() }

            /// Starts `energyctl run` in the cgroup of this test.
            func start(
                _ options: [String] = [], _ command: [String], user: UInt32? = nil, address: String? = nil,
                legacy: String? = nil
            ) throws -> Child {
                unlink(report)
                let entering =
                    legacy.map { ["/bin/sh", "-c", "echo 0 > \($0)/cgroup.procs && exec \"$@\"", "sh"] } ?? []
                let prefix =
                    entering + (user.map { ["setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups"] } ?? [])
                let source =
                    agent == nil
                    ? ["--path.sysfs=\(directory.path)/machine", idle]
                    : ["--address=\(address ?? "unix:\(socket)")"]
                return try Child(
                    prefix + [program, "run", "--output=json", "--output-file=\(report)"] + source + options
                        + (command.isEmpty ? [] : ["--"] + command), cgroup: cgroup.directory)
            }

            /// Runs it to its end: its exit code and what it and the command wrote.
            func run(
                _ options: [String] = [], _ command: [String] = [], user: UInt32? = nil, address: String? = nil
            ) throws -> (code: Int32?, output: String) {
                let child = try start(options, command, user: user, address: address)
                let code = child.wait(seconds: 120)
                return (code, child.output)
            }

            func shell(_ script: String, user: UInt32? = nil) throws -> (code: Int32?, output: String) {
                try run([], ["/bin/sh", "-c", script], user: user)
            }

            func text() throws -> String { try readAll(report) }

            func output() throws -> RunOutput { try decode(RunOutput.self, text()) }

            var httpAddress: String? { agent?.url }

            /// Cgroups of runs that are left.
            var left: [String] {
                ((try? listDirectory(cgroup.directory)) ?? []).map(\.name).filter { $0.hasPrefix("energyd-run-") }
            }
        }

        /// Checks the energy of a command that says how much CPU time it used, by the truth of the simulator about the cgroup
        /// that it and energyctl ran in; returns what the report says.
        @discardableResult
        private func check(
            _ node: Node, _ title: String, cpuSeconds: Double, _ body: () throws -> (code: Int32?, output: String)
        ) throws -> RunOutput {
            let (before, used) = (try node.truth(), try node.cgroup.cpuSeconds())
            let (code, output) = try body()
            #expect(code == 0, "\(output)")
            let (after, all) = (try node.truth(), try node.cgroup.cpuSeconds() - used)
            let known = output.split(separator: "\n").compactMap { Double($0) }.reduce(0, +)
            #expect(known >= cpuSeconds && known <= all)
            let report = try node.output()
            let count = Double(report.statistics.energyJoules.count)
            #expect(abs(report.cpuSeconds * count / known - 1) <= 0.02, "\(report.cpuSeconds * count) s of \(known)")
            let path = node.cgroup.path
            for (name, old, new) in [("package-0", before.package, after.package), ("dram-0", before.dram, after.dram)]
            {
                let energy = (new.workloads[path] ?? 0) - (old.workloads[path] ?? 0)
                let truth = energy * known / all
                let found = try #require(report.zones[name]).dynamicMicrojoules * count / 1e6
                print("\(title), \(name): \(found) J of \(truth) J, \(percent(found / truth - 1))")
                #expect(abs(found / truth - 1) <= 0.02, "\(name): \(found) J of \(truth) J")
            }
            #expect(report.zones.values.allSatisfy { $0.source == "rapl" && $0.quality == "measured" })
            return report
        }

        @Test func aloneAsRoot() throws {
            let node = try Node("alone", hasAgent: false)
            let report = try check(node, "alone", cpuSeconds: 3) { try node.shell(work(3) + account()) }
            #expect(report.measuredBy == "energyctl itself" && report.processesLeft == 0)
            #expect(report.peakWatts ?? 0 > report.averageWatts * 0.8)
            #expect(node.left == [])
        }

        /// Children, grandchildren and a daemon that stays, of a user who asks the agent for the cgroup.
        @Test func asAUserWithEverythingThatItStarts() throws {
            let node = try Node("user")
            let script = """
                id -u >&2; \(work(1)) & (\(work(0.5)) & wait) & \(work(1)); wait
                setsid sleep 300 >/dev/null 2>&1 & sleep 0.1\(try account())
                """
            let report = try check(node, "user", cpuSeconds: 2.5) {
                let (code, output) = try node.shell(script, user: 65534)
                #expect(output.hasPrefix("65534\n"))
                // Without the line that would be taken for seconds.
                return (code, String(output.dropFirst(6)))
            }
            #expect(report.measuredBy.hasPrefix("the agent at unix:") && report.processesLeft == 1)
            // It is part of what it was started in.
            let snapshot = try #require(try node.snapshot())
            let run = try #require(
                snapshot.workloads.first { $0.cgroupPath.hasPrefix(node.cgroup.path + "/energyd-run-65534-") })
            #expect(run.parentId == snapshot.workload(at: node.cgroup.path)?.id)
            #expect(snapshot.addsUp)
            // The cgroup belongs to root and stays for as long as there is a process in it.
            let name = try #require(node.left.first)
            #expect(owner(of: "\(node.cgroup.directory)/\(name)") == 0)
            let process = try #require(Int32(readAll("\(node.cgroup.directory)/\(name)/cgroup.procs")))
            kill(process, SIGKILL)
            #expect(eventually(within: 30) { node.left == [] })
        }

        /// On a hybrid machine a command that has a cgroup of version 1 is accounted there.
        @Test(.enabled(if: access("/sys/fs/cgroup/cpuacct/cpuacct.usage", F_OK) == 0, "needs a hierarchy of version 1"))
        func onAHybridMachine() throws {
            let node = try Node("hybrid", flags: ["--sample.interval=200ms"])
            let directory = "/sys/fs/cgroup/cpuacct/energyd-test-\(getpid())-hybrid"
            #expect(mkdir(directory, 0o755) == 0)
            defer { eventually { rmdir(directory) == 0 } }
            for user in [nil, 65534] as [UInt32?] {
                let child = try node.start([], ["/bin/sh", "-c", work(0.5)], user: user, legacy: directory)
                #expect(child.wait(seconds: 60) == 0, "\(child.output)")
                #expect(try node.output().cpuSeconds >= 0.5)
            }
            #expect(eventually(within: 30) { (try? listDirectory(directory).filter(\.isDirectory).isEmpty) ?? true })
        }

        /// Many short ones: each waits for a tick, and none loses anything.
        @Test func shortCommands() throws {
            let node = try Node("short", flags: ["--sample.interval=250ms"])
            _ = try check(node, "10 runs of 0.2 s", cpuSeconds: 2) {
                try node.run(["--repeat=10"], ["/bin/sh", "-c", work(0.2) + account()])
            }
        }

        @Test func exitCodesAreThoseOfTheCommand() throws {
            let node = try Node("codes", flags: ["--sample.interval=200ms"])
            for (script, code) in [("exit 7", 7), ("kill -KILL $$", 137), ("true", 0)] as [(String, Int32)] {
                #expect(try node.shell(script).code == code)
                #expect(try node.output().exitCode == code)
            }
            #expect(try node.run([], ["energyd-no-such-program"]).code == 127)
            #expect(try node.run([], ["/etc/passwd"]).code == 126)
            #expect(try node.run(["--no-such-option"], ["true"]).code == 2)
            #expect(try node.run(["--repeat=3"], ["/bin/sh", "-c", "exit 9"]).code == 9)
            #expect(try node.output().statistics.energyJoules.count == 1)
            #expect(try node.run(["--repeat=3", "--ignore-failure"], ["/bin/sh", "-c", "exit 9"]).code == 9)
            #expect(try node.output().statistics.energyJoules.count == 3)
        }

        /// A signal for energyctl goes to the command, and the report is written all the same.
        @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func signalsArePassedOn(_ signal: Int32) throws {
            let node = try Node("signals", flags: ["--sample.interval=200ms"])
            let script = "trap 'echo caught; exit 5' TERM INT HUP; echo ready; while :; do sleep 0.05; done"
            let child = try node.start([], ["/bin/sh", "-c", script])
            #expect(eventually { child.output.contains("ready") })
            child.send(signal)
            #expect(child.wait(seconds: 30) == 5 && child.output.contains("caught"))
            #expect(try node.output().exitCode == 5)
            let other = try node.start([], ["sleep", "300"])
            #expect(eventually { !node.left.isEmpty })
            // Once the command runs, not while it waits for its turn.
            usleep(300_000)
            other.send(signal)
            #expect(other.wait(seconds: 30) == 128 + signal)
        }

        /// What nobody saw is not measured, however much of it another agent knows; what was measured before is reported.
        @Test func anAgentThatWasRestartedIsNoticed() throws {
            let node = try Node("restart", flags: ["--sample.interval=200ms"])
            let go = "/tmp/energyd-run-go-\(getpid())"
            defer { unlink(go) }
            unlink(go)
            // The second run waits until the agent was restarted.
            let script =
                "if [ -e \(go)-first ]; then echo waits; until [ -e \(go) ]; do sleep 0.05; done; fi; touch \(go)-first"
            defer { unlink(go + "-first") }
            unlink(go + "-first")
            let child = try node.start(["--repeat=3"], ["/bin/sh", "-c", script])
            #expect(eventually { child.output.contains("waits") })
            try node.restartAgent()
            #expect(access(go, F_OK) != 0 && creat(go, 0o600) >= 0)
            #expect(child.wait(seconds: 60) == 125, "\(child.output)")
            #expect(
                child.output.contains("the agent was restarted") && child.output.contains("status 0"), "\(child.output)"
            )
            #expect(try node.output().statistics.energyJoules.count == 1)
            #expect(eventually(within: 30) { node.left == [] })
        }

        /// An agent that does not answer when the command ends is asked again.
        @Test func aPauseOfTheAgentLosesNoReport() throws {
            let node = try Node("pause", flags: ["--sample.interval=200ms"])
            let child = try node.start([], ["/bin/sh", "-c", "echo ready; sleep 0.5; \(work(0.3))"])
            #expect(eventually { child.output.contains("ready") })
            node.signalAgent(SIGSTOP)
            #expect(eventually(within: 30) { child.output.contains("waiting for the agent") }, "\(child.output)")
            node.signalAgent(SIGCONT)
            #expect(child.wait(seconds: 60) == 0, "\(child.output)")
            #expect(try node.output().cpuSeconds >= 0.3)
        }

        @Test func whatCannotBeMeasuredIsNotRun() throws {
            let node = try Node("refused", flags: ["--no-run.requests"])
            let mark = "/tmp/energyd-run-mark-\(getpid())"
            defer { unlink(mark) }
            for address in [nil, node.httpAddress] {
                let (code, output) = try node.run([], ["touch", mark], user: 65534, address: address)
                #expect(code == 125 && access(mark, F_OK) != 0)
                #expect(output.contains("cannot make a cgroup") && output.contains("Permission denied"), "\(output)")
                #expect(output.contains("systemd-run --user --scope"))
            }
            #expect(
                try node.run(["--output-file=/no/such/file"], ["touch", mark]).code == 125 && access(mark, F_OK) != 0)
            #expect(node.left == [])
        }

        /// The bound holds for a user, not for others.
        @Test func aUserGetsSoManyCgroups() throws {
            let node = try Node("many", flags: ["--sample.interval=200ms"])
            let script = "setsid sleep 300 >/dev/null 2>&1 & sleep 0.1"
            for number in 1...16 { #expect(try node.shell(script, user: 65534).code == 0, "run \(number)") }
            let (code, output) = try node.shell(script, user: 65534)
            #expect(code == 125 && output.contains("16 cgroups of runs of user 65534"), "\(output)")
            #expect(try node.shell("true", user: 65533).code == 0)
            try writeFile(node.cgroup.directory + "/cgroup.kill", "1")
            #expect(eventually(within: 30) { node.left == [] })
            #expect(try node.shell("true", user: 65534).code == 0)
        }

        /// Equal commands are not called different, and different ones are.
        @Test func comparisons() throws {
            let node = try Node("compare", flags: ["--sample.interval=250ms"])
            #expect(try node.run(["--compare", work(0.2), work(0.2), "--repeat=8"]).code == 0)
            let same = try node.text()
            #expect(!same.contains("\"verdict\":\"real\""), "\(same)")
            #expect(try node.run(["--compare", work(0.2), work(0.3), "--repeat=8"]).code == 0)
            let other = try node.text()
            #expect(other.contains("The difference is real") && other.contains("more energy than A"), "\(other)")
        }
    }
}

private let idle = "--power.idle=package=20,dram=4"

import Glibc
import Snapshot
import Telemetry
import TestSupport
import Testing

extension RealKernel {
    /// An agent with less than it needs measures what it can and reports the rest.
    @Suite struct Degraded {
        private func failure(_ arguments: [String], program: String = Programs.energyd) throws -> (Int32?, String) {
            let (code, output) = try Child.run([program] + arguments, seconds: 10)
            return (code, output)
        }

        @Test(.enabled(if: Conditions.isRoot && Conditions.has("setpriv"), "needs root and setpriv to drop it"))
        func withoutPrivilegesItReadsFilesAndSaysWhatIsMissing() throws {
            let directory = try TemporaryDirectory()
            let program = directory.path + "/energyd"
            #expect(try Child.run(["cp", Programs.energyd, program]).code == 0)
            chmod(directory.path, 0o755)
            let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
            let agent = try AgentProcess(prefix: nobody, program: program)
            let cgroup = try TestCgroup("unprivileged")
            let burner = try cgroup.run("while :; do :; done")
            eventually { (try? cgroup.cpuSeconds()) ?? 0 > 1 }
            burner.stop()
            let snapshot = try agent.freshSnapshot()
            #expect(snapshot.tier == "procfs")
            #expect(snapshot.tierReason.contains("CAP_BPF and CAP_PERFMON"))
            #expect(snapshot.agent.notices.contains(snapshot.tierReason))
            #expect(agent.child.output.contains("CAP_BPF and CAP_PERFMON"))
            let truth = try cgroup.cpuSeconds()
            let exported = try #require(snapshot.workload(at: cgroup.path)).cpuSeconds
            #expect(abs(exported - truth) <= 0.01 * truth)
            #expect(snapshot.addsUp)
        }

        @Test func withoutCgroupsItShowsProcessesAndReportsThat() throws {
            let empty = try TemporaryDirectory()
            let agent = try AgentProcess(["--path.cgroupfs=\(empty.path)"])
            let burner = try Child(["/bin/sh", "-c", "while :; do :; done"])
            let snapshot = try agent.snapshot("with half a second of the shell's CPU time") {
                $0.processes.contains { $0.pid == burner.pid && $0.cpuSeconds > 0.5 }
            }
            #expect(snapshot.tierReason.contains("no cgroup hierarchy"))
            #expect(snapshot.workloads.map(\.cgroupPath) == ["/"])
            let process = try #require(snapshot.processes.first { $0.pid == burner.pid })
            #expect(process.comm == "sh" && process.cpuSeconds > 0.5 && process.powerWatts ?? 0 > 0)
            #expect(snapshot.addsUp)
        }

        @Test func aPortInUseIsNamedWithTheRemedy() throws {
            let agent = try AgentProcess()
            let (code, output) = try failure(["--web.listen-address=127.0.0.1:\(agent.port)", "--web.socket=none"])
            #expect(code == 2)
            #expect(output.contains("127.0.0.1:\(agent.port)") && output.contains("in use"))
            #expect(output.contains("--web.listen-address"))
        }

        @Test(arguments: [
            (["--no-such-flag"], "no-such-flag"), (["--sample.interval=soon"], "sample.interval"),
            (["--carbon.zone=Atlantis"], "Atlantis"), (["--web.listen-address=nowhere"], "HOST:PORT"),
            (["--log.level=loud"], "loud"), (["--log.format=xml"], "xml"), (["stray"], "stray"),
            (["--attribution.static=requests"], "--kubernetes"), (["--path.procfs=/nope"], "/nope/stat"),
            (["--config.file=/nope"], "/nope"),
        ])
        func aCommandLineThatMakesNoSenseIsRefused(_ arguments: [String], _ word: String) throws {
            let (code, output) = try failure(arguments)
            #expect(code == 2)
            #expect(output.contains(word))
        }

        @Test(arguments: [Programs.energyd, Programs.energyctl]) func helpAndVersionSucceed(_ program: String) throws {
            for flag in ["--help", "--version"] {
                let (code, output) = try failure([flag], program: program)
                #expect(code == 0)
                #expect(!output.isEmpty)
            }
        }

        @Test func aSignalEndsItCleanly() throws {
            let agent = try AgentProcess()
            #expect(agent.stop() == 0)
            #expect(agent.child.output.contains("stopped"))
        }

        /// Kubernetes restarts an agent that does not answer its probes.
        @Test func manyKeptConnectionsDoNotLockOutNewClients() throws {
            let agent = try AgentProcess()
            var clients: [KeepAliveClient] = []
            for round in 0..<4 {
                clients.removeAll { !$0.get("/healthz") }
                while clients.count < 64 {
                    let client = try #require(KeepAliveClient(port: agent.port))
                    #expect(client.get("/healthz"), "refused in round \(round)")
                    clients.append(client)
                }
                for probe in ["/healthz", "/readyz", "/metrics"] {
                    let answer = exchange(
                        port: agent.port,
                        Array("GET \(probe) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8),
                        timeout: 2)
                    #expect(answer?.starts(with: Array("HTTP/1.1 200".utf8)) == true, "\(probe) in round \(round)")
                }
                usleep(300_000)
            }
            #expect(try agent.freshSnapshot().agent.faults["connections_closed"] ?? 0 >= 4)
            #expect(agent.child.output.split(separator: "\n").count { $0.contains("too many connections") } == 1)
        }

        @Test func hostileRequestsDoNotHarmIt() throws {
            let agent = try AgentProcess()
            var generator = SeededGenerator(seed: 6)
            let openings = [
                "GET /metrics HTTP/1.1\r\n", "GET ", "POST / HTTP/1.1\r\nContent-Length: 99999999999999\r\n", "",
            ]
            for round in 0..<40 {
                var bytes = Array(openings[round % openings.count].utf8)
                bytes += (0..<Int.random(in: 0...2000, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                bytes += Array("\r\n\r\n".utf8)
                _ = exchange(port: agent.port, bytes, timeout: 1)
            }
            #expect(httpGet(port: agent.port, "/healthz")?.status == 200)
            #expect(httpGet(port: agent.port, "/nowhere")?.status == 404)
            #expect(httpGet(port: agent.port, "/metrics", method: "DELETE")?.status ?? 0 >= 400)
        }
    }
}

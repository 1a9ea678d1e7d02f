import Glibc
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// The HTTP interface as other programs see it.
    @Suite struct Interface {
        private func start() throws -> AgentProcess {
            try AgentProcess(["--tier=procfs", "--names=none", "--sample.interval=200ms"])
        }

        @Test func answersAreAsDescribed() throws {
            let agent = try start()
            let run = try Child.run(
                try pythonScript("IntegrationTests/describe.py") + ["\(agent.port)", "\(agent.child.pid)"], seconds: 60)
            #expect(run.code == 0, "\(run.output)")
            #expect(agent.child.wait(seconds: 10) == 0)
        }

        /// Requests that follow the description, and others that do not, made by schemathesis.
        @Test func aTesterOfInterfacesFindsNothing() throws {
            let agent = try start()
            // A stream does not end.
            let run = try Child.run(
                [
                    "/usr/bin/env", "--chdir=/tmp", "timeout", "60", try pythonScript("")[0], "-m", "schemathesis.cli",
                    "run",
                    agent.url + "/api/v1/openapi.json", "--checks", "all", "--max-examples", "15", "--exclude-path",
                    "/api/v1/stream", "--generation-database", "none", "--seed", "1", "--no-color",
                ], seconds: 90)
            #expect(run.code == 0, "\(run.output)")
            #expect(agent.stop() == 0)
        }

        /// What a client that floods the agent can put before a probe.
        @Test func atMost128ClientsWaitToBeAccepted() throws {
            let agent = try start()
            kill(agent.child.pid, SIGSTOP)
            let run = try Child.run(
                [
                    "python3", "-c",
                    """
                    import select, socket, time
                    poll, clients = select.poll(), [socket.socket() for _ in range(300)]
                    for client in clients:
                        client.setblocking(False)
                        client.connect_ex(("127.0.0.1", \(agent.port)))
                        poll.register(client, select.POLLOUT)
                    time.sleep(0.3)
                    print(len(poll.poll(0)))
                    """,
                ], seconds: 20)
            kill(agent.child.pid, SIGCONT)
            // Linux lets one more in.
            #expect(run.output == "129\n", "\(run.output)")
            #expect(httpGet(port: agent.port, "/healthz")?.status == 200)
            #expect(agent.stop() == 0)
        }

        private struct Abuse: Decodable {
            struct Attack: Decodable {
                var seconds: Double
                var ticks: Int
                var lateTicks: Int
                var tickMilliseconds: Double
                var probes: Int
                var p99Milliseconds: Double
                var controlMilliseconds: Double
                var residentKiB: Int
                var leastEvents: Int?
                var refused: Int?
                var connections: Int?
                var open: Int?
                /// Answers to different queries, by status.
                var statuses: [String: Int]?
                var streamsRefused: Int?
                var scrapesFailed: Int?
                var scrapeP99Milliseconds: Double?
            }

            var residentKiB: Int
            var streams: Int
            var failures: Int
            var attacks: [String: Attack]
        }

        /// Clients that hold, flood and drip: ticks come on time, probes are answered, memory stays.
        @Test func noClientCanDelayTheOthers() throws {
            let agent = try AgentProcess(["--tier=procfs", "--names=none", "--sample.interval=1s"])
            let run = try Child.run(
                try pythonScript("IntegrationTests/abuse.py") + ["\(agent.port)", "\(agent.child.pid)"], seconds: 120)
            #expect(run.code == 0, "\(run.output)")
            let last = run.output.split(separator: "\n").last.map(String.init) ?? ""
            let abuse = try decode(Abuse.self, last)
            #expect(abuse.attacks.count == 8 && abuse.failures == 0)
            for (name, attack) in abuse.attacks {
                #expect(attack.lateTicks == 0 && attack.tickMilliseconds < 100, "\(name): \(attack)")
                #expect(Double(attack.ticks) >= attack.seconds - 1.5, "\(name): \(attack)")
                // What the machine alone takes is not the agent's.
                // Neither is what a program without optimisation takes.
                let isOptimised = Programs.directory.hasSuffix("/release")
                let limit = max(isOptimised ? 50 : 1000, attack.controlMilliseconds * 3)
                #expect(attack.p99Milliseconds < limit, "\(name): \(attack)")
                #expect(attack.residentKiB - abuse.residentKiB < 48 << 10, "\(name): \(attack)")
            }
            let streaming = try #require(abuse.attacks["streaming"])
            #expect(streaming.refused == 0 && streaming.leastEvents ?? 0 >= 3, "\(streaming)")
            let idle = try #require(abuse.attacks["idle"])
            #expect(idle.open ?? 1000 <= 64 && idle.connections ?? 0 > 500, "\(idle)")
            let queries = try #require(abuse.attacks["queries"])
            let statuses = try #require(queries.statuses)
            #expect(statuses["200"] ?? 0 > 0 && (statuses["429"] ?? 0) + (statuses["503"] ?? 0) > 0, "\(queries)")
            #expect(queries.streamsRefused == 24 && queries.scrapesFailed == 0, "\(queries)")
            // A scrape waits for one query at most, and for what a probe waits for.
            let isOptimised = Programs.directory.hasSuffix("/release")
            let limit = max(isOptimised ? 100 : 3000, queries.controlMilliseconds * 3, queries.p99Milliseconds * 2)
            #expect(queries.scrapeP99Milliseconds ?? .infinity < limit, "\(queries)")
            #expect(agent.stop() == 0)
        }
    }
}

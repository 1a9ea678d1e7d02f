import Glibc
import Linux
import TestSupport
import Testing

extension RealKernel {
    /// Who may read a real agent: certificates of openssl, clients that are curl and Prometheus.
    @Suite(
        .enabled(
            if: ["openssl", "curl", "prometheus", "python3"].allSatisfy(Conditions.has),
            "needs openssl, curl, prometheus and python3"))
    struct Access {
        /// Of "test", at cost 12, as Prometheus' documentation has it.
        private static let hash = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay"
        private static let token = "b7d1c0ffee1234567890abcdef123456"

        private let directory: TemporaryDirectory
        private var path: String { directory.path }

        init() throws {
            directory = try TemporaryDirectory()
        }

        private func certificate(_ name: String, signedBy authority: String? = nil) throws {
            let signer = authority.map { ["-CA", "\(path)/\($0).pem", "-CAkey", "\(path)/\($0).key"] } ?? []
            let (code, output) = try Child.run(
                [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    "\(path)/\(name).key", "-out", "\(path)/\(name).pem",
                ] + signer)
            guard code == 0 else { throw Failure("openssl: \(output)") }
        }

        /// - Parameter client: the certificate that probes need too; nil for none.
        private func start(_ config: String, client: String? = nil, _ flags: String...) throws -> (Child, UInt16) {
            try directory.write(config, to: "web.yml")
            try directory.write(Self.token + "\n", to: "tokens")
            let port = try freePort()
            let agent = try Child(
                [
                    Programs.energyd, "--web.listen-address=127.0.0.1:\(port)", "--web.socket=\(path)/socket",
                    "--tier=procfs", "--names=none", "--web.config.file=\(path)/web.yml", "--metrics.start-at-zero=0s",
                    "--web.token-files=\(path)/tokens",
                ] + flags)
            let proof = client.map { ["--cert", "\(path)/\($0).pem", "--key", "\(path)/\($0).key"] } ?? []
            eventually { curl(port, "/readyz", ["-k"] + proof).first == "200" || agent.wait(seconds: 0.02) != nil }
            return (agent, port)
        }

        /// Status, time in s, and body.
        private func curl(_ port: UInt16, _ route: String, _ flags: String...) -> [String] { curl(port, route, flags) }

        private func curl(_ port: UInt16, _ route: String, _ flags: [String]) -> [String] {
            let result = try? Child.run(
                [
                    "curl", "-s", "-m", "20", "-o", "\(path)/body", "-w", "%{http_code} %{time_total}",
                ] + flags + ["https://127.0.0.1:\(port)\(route)"])
            let words = (result?.output ?? "").split(separator: " ").map(String.init)
            return words + [(try? readText(path + "/body", limit: 16 << 20)) ?? ""]
        }

        private var tls: String { "tls_server_config:\n  cert_file: a.pem\n  key_file: a.key\n" }
        private var users: String { "basic_auth_users:\n  admin: \(Self.hash)\n" }

        @Test func passwordsAndTokensLetInAndNothingElse() throws {
            try certificate("a")
            let (agent, port) = try start(tls + users)
            let trust = ["--cacert", "\(path)/a.pem"]
            func status(_ route: String, _ flags: [String]) -> String {
                curl(port, route, trust[0], trust[1], flags.first ?? "-s", flags.last ?? "-s")[0]
            }
            #expect(status("/metrics", []) == "401" && status("/healthz", []) == "200")
            #expect(status("/metrics", ["-u", "admin:test"]) == "200")
            #expect(status("/api/v1/snapshot", ["-H", "Authorization: Bearer \(Self.token)"]) == "200")
            #expect(status("/api/v1/stream", []) == "401")
            // Without TLS, and without trust.
            #expect(httpGet(port: port, "/healthz")?.status == nil)
            #expect(curl(port, "/healthz")[0] == "000")
            try certificate("b")
            #expect(curl(port, "/healthz", "--cacert", "\(path)/b.pem")[0] == "000")
            // energyctl, at the socket and at the port.
            try directory.write("admin:test\n", to: "account")
            func energyctl(_ flags: String...) throws -> (code: Int32?, output: String) {
                try Child.run([Programs.energyctl, "top", "--once"] + flags, seconds: 30)
            }
            #expect(try energyctl("--address=unix:\(path)/socket").code == 0)
            let address = "--address=https://127.0.0.1:\(port)"
            let refused = try energyctl(address, "--agent.ca=\(path)/a.pem")
            #expect(
                refused.code == 1 && refused.output.contains("401") && refused.output.contains("--agent.token-file"))
            #expect(try energyctl(address, "--agent.ca=\(path)/a.pem", "--agent.token-file=\(path)/tokens").code == 0)
            #expect(try energyctl(address, "--agent.ca=\(path)/a.pem", "--agent.credentials=\(path)/account").code == 0)
            #expect(try energyctl(address, "--agent.credentials=\(path)/account").output.contains("--agent.ca"))
            // Six wrong ones: the last has to wait.
            for _ in 0..<5 { #expect(status("/metrics", ["-u", "admin:wrong-secret"]) == "401") }
            #expect(status("/metrics", ["-u", "admin:wrong-secret"]) == "429")
            // Clients that were accepted before are not affected.
            #expect(status("/metrics", ["-u", "admin:test"]) == "200")
            var metrics = ""
            // With the next tick.
            eventually {
                metrics = curl(port, "/metrics", "-k", "-u", "admin:test")[2]
                return metrics.contains("kind=\"logins_failed\"} 5")
            }
            #expect(metrics.contains("kind=\"logins_failed\"} 5"))
            // No secret is where others look.
            let seen = [
                agent.output, try readText("/proc/\(agent.pid)/cmdline"), metrics,
                curl(port, "/api/v1/snapshot", "-k", "-u", "admin:test")[2], try readText("/proc/\(agent.pid)/environ"),
            ]
            for secret in [Self.token, Self.hash, "wrong-secret", "admin:test"] {
                #expect(seen.allSatisfy { !$0.contains(secret) }, "\(secret)")
            }
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
        }

        @Test func certificatesAreReplacedWhileClientsAreConnected() throws {
            try certificate("a")
            try certificate("new")
            let (agent, port) = try start(tls)
            func subject() -> String {
                let (_, output) =
                    (try? Child.run(["sh", "-c", "openssl s_client -connect 127.0.0.1:\(port) </dev/null"])) ?? (
                        nil, ""
                    )
                return output.split(separator: "\n").first { $0.contains("subject=") }.map(String.init) ?? ""
            }
            #expect(subject().contains("a"))
            // One connection, on which something is asked every half a second.
            let client = try Child([
                "python3", "-c",
                """
                import http.client, ssl, time
                context = ssl._create_unverified_context()
                connection = http.client.HTTPSConnection("127.0.0.1", \(port), context=context)
                connection.connect()
                first = connection.sock
                for _ in range(24):
                    connection.request("GET", "/metrics", headers={"Authorization": "Bearer \(Self.token)"})
                    answer = connection.getresponse(); answer.read()
                    print(answer.status, connection.sock is first, flush=True)
                    time.sleep(0.5)
                """,
            ])
            eventually { client.output.contains("200") }
            for ending in ["pem", "key"] { rename("\(path)/new.\(ending)", "\(path)/a.\(ending)") }
            #expect(eventually(within: 30) { subject().contains("new") })
            try directory.write("garbage", to: "a.pem")
            #expect(eventually(within: 30) { agent.output.contains("cannot use the new files") })
            #expect(subject().contains("new"))
            agent.send(SIGHUP)
            #expect(eventually(within: 10) { agent.output.ranges(of: "cannot use the new files").count == 2 })
            #expect(client.wait(seconds: 60) == 0)
            let lines = client.output.split(separator: "\n")
            #expect(lines.count == 24 && lines.allSatisfy { $0 == "200 True" }, "\(client.output)")
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
        }

        @Test func clientsMayNeedACertificate() throws {
            for name in ["a", "ca", "stranger"] { try certificate(name) }
            try certificate("client", signedBy: "ca")
            let (agent, port) = try start(
                tls + "  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n",
                client: "client")
            func status(_ name: String) -> String {
                curl(
                    port, "/metrics", "-k", "--cert", "\(path)/\(name).pem", "--key", "\(path)/\(name).key", "-H",
                    "Authorization: Bearer \(Self.token)")[0]
            }
            eventually { status("client") == "200" }
            #expect(
                status("client") == "200" && status("stranger") == "000" && curl(port, "/healthz", "-k")[0] == "000")
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
        }

        /// A hash of cost 12 takes 0.3 s; a probe waits for none.
        @Test func probesDoNotWaitForLogins() throws {
            let times = try probes(beside: 20)
            #expect(times.count >= 20 && times[times.count / 2] < 0.05, "\(times)")
        }

        /// Times of `/healthz` in s, sorted, while so many clients at once bring a wrong password each.
        func probes(beside logins: Int) throws -> [Double] {
            try certificate("a")
            let (agent, port) = try start(tls + users)
            let client = try Child([
                "python3", "-c",
                """
                import base64, http.client, ssl, threading, time
                context = ssl._create_unverified_context()
                def ask(number):
                    # From 127.0.1.x: each has five attempts.
                    connection = http.client.HTTPSConnection("127.0.0.1", \(port), context=context, timeout=240,
                        source_address=(f"127.0.1.{number // 5 + 1}", 0))
                    secret = base64.b64encode(f"admin:{number}".encode()).decode()
                    connection.request("GET", "/metrics", headers={"Authorization": "Basic " + secret})
                    statuses.append(connection.getresponse().status)
                def ask_in_turn(numbers):
                    for number in numbers: ask(number)
                statuses, times = [], []
                # 50 at a time: of more than 64 connections the longest idle one is closed.
                threads = [threading.Thread(target=ask_in_turn, args=(range(first, \(logins), 50),))
                    for first in range(min(50, \(logins)))]
                probe = http.client.HTTPSConnection("127.0.0.1", \(port), context=context)
                probe.request("GET", "/healthz"); probe.getresponse().read()
                for thread in threads: thread.start()
                while any(thread.is_alive() for thread in threads):
                    began = time.monotonic()
                    probe.request("GET", "/healthz"); assert probe.getresponse().read() == b"ok\\n"
                    times.append(time.monotonic() - began)
                    time.sleep(0.02)
                for thread in threads: thread.join()
                assert statuses == [401] * \(logins), statuses
                print(*sorted(times))
                """,
            ])
            #expect(client.wait(seconds: 240) == 0, "\(client.output)")
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
            return client.output.split(separator: " ").compactMap { Double($0.filter { !$0.isNewline }) }
        }

        @Test func prometheusScrapesOverTLS() throws {
            try certificate("a")
            let (agent, port) = try start(tls + users)
            let own = try freePort()
            func job(_ name: String, _ login: String) -> String {
                """
                  - job_name: \(name)
                    scheme: https
                    scrape_interval: 1s
                    tls_config: { ca_file: \(path)/a.pem }
                    \(login)
                    static_configs: [{ targets: ["127.0.0.1:\(port)"] }]

                """
            }
            let token = "authorization: { credentials_file: \(path)/tokens }"
            let account = "basic_auth: { username: admin, password_file: \(path)/password }"
            try directory.write("test", to: "password")
            try directory.write(
                "scrape_configs:\n" + job("password", account) + job("token", token) + job("nobody", ""),
                to: "prometheus.yml")
            let prometheus = try Child([
                "prometheus", "--config.file=\(path)/prometheus.yml", "--storage.tsdb.path=\(path)/data",
                "--web.listen-address=127.0.0.1:\(own)", "--log.level=warn",
            ])
            func up() -> String { httpGet(port: own, "/api/v1/query?query=up")?.body ?? "" }
            func isUp(_ job: String, _ value: Int) -> Bool {
                up().ranges(of: #""job":"\#(job)"}"#).first.map { range in
                    up()[range.upperBound...].prefix(60).contains("\"\(value)\"")
                } ?? false
            }
            #expect(eventually { isUp("password", 1) && isUp("token", 1) && isUp("nobody", 0) }, "\(up())")
            prometheus.send(SIGTERM)
            prometheus.wait(seconds: 20)
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
        }

        @Test func kubernetesSaysWhoMayRead() throws {
            let server = try Server()
            try certificate("a")
            let (agent, port) = try start(
                tls, "--web.token-review", "--kubernetes.url=https://127.0.0.1:\(server.port)",
                "--kubernetes.token-file=\(server.directory.path)/token",
                "--kubernetes.ca-file=\(server.directory.path)/cert.pem")
            func reviews() -> Int { server.requests.count { $0.hasPrefix("POST") } }
            /// The status, and how many questions the API server got.
            func ask(_ route: String, _ token: String) -> (status: String, questions: Int) {
                let before = reviews()
                let status = curl(port, route, "-k", "-H", "Authorization: Bearer \(token)")[0]
                return (status, reviews() - before)
            }
            let (reader, other) = ("reader-5d41402abc4b2a76", "other-7d793037a0760186")
            #expect(ask("/metrics", reader) == ("200", 2))
            // Remembered.
            #expect(ask("/metrics", reader) == ("200", 0))
            #expect(ask("/metrics/", reader) == ("200", 0))
            #expect(ask("/api/v1/snapshot", reader) == ("403", 1))
            #expect(ask("/metrics", other) == ("403", 2))
            #expect(ask("/metrics", "stranger-0-9b74c9897bac770f") == ("401", 1))
            #expect(ask("/metrics", Self.token) == ("200", 0))
            // A path without an answer is no question.
            #expect(ask("/metrics/x", reader) == ("404", 0) && ask("/x", "stranger-1-9b74c9897bac770f") == ("404", 0))
            try server.tell("down?value=1")
            #expect(ask("/metrics", "stranger-2-9b74c9897bac770f").status == "503")
            #expect(ask("/metrics", reader) == ("200", 0))
            try server.tell("down?value=0")
            // Others of this address have to wait now, but not whom Kubernetes has granted it.
            for number in 3...7 { #expect(ask("/metrics", "stranger-\(number)-9b74c9897bac770f") == ("401", 1)) }
            #expect(ask("/metrics", "stranger-8-9b74c9897bac770f") == ("429", 0))
            #expect(ask("/metrics", reader) == ("200", 0))
            #expect(ask("/metrics", "stranger-9-9b74c9897bac770f") == ("429", 0))
            var metrics = ""
            // With the next tick.
            eventually {
                metrics = curl(port, "/metrics", "-k", "-H", "Authorization: Bearer \(reader)")[2]
                return metrics.contains("kind=\"logins_failed\"} 6")
            }
            #expect(metrics.contains("kind=\"logins_failed\"} 6") && metrics.contains("kind=\"logins_forbidden\"} 2"))
            #expect(agent.output.contains("cannot ask Kubernetes about a reader's token"))
            for secret in ["5d41402abc4b2a76", "7d793037a0760186", "9b74c9897bac770f", Self.token] {
                #expect(!agent.output.contains(secret) && !metrics.contains(secret), "\(secret)")
            }
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
        }

        /// A password that is withdrawn ends the stream that was opened with it.
        @Test func aWithdrawnPasswordEndsItsStream() throws {
            try certificate("a")
            let (agent, port) = try start(tls + users)
            let stream = try Child([
                "curl", "-sN", "-k", "-m", "60", "-u", "admin:test", "https://127.0.0.1:\(port)/api/v1/stream",
            ])
            #expect(eventually { stream.output.contains("event: snapshot") })
            // Truncated first, as by an editor: nothing is taken from that.
            try writeFile(path + "/web.yml", "")
            #expect(eventually(within: 20) { agent.output.contains("the file is empty") })
            #expect(stream.wait(seconds: 1) == nil && curl(port, "/metrics", "-k")[0] == "401")
            try directory.write(tls + "basic_auth_users:\n  other: \(Self.hash)\n", to: "web.yml")
            #expect(stream.wait(seconds: 20) == 0, "\(stream.output.suffix(200))")
            #expect(curl(port, "/api/v1/stream", "-k", "-m", "2", "-u", "admin:test")[0] == "401")
            #expect(curl(port, "/metrics", "-k", "-u", "other:test")[0] == "200")
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
        }

        /// Clients that neither ask nor say goodbye, nor finish what they began.
        @Test func idleConnectionsDoNotDelayTheEnd() throws {
            try certificate("a")
            let (agent, port) = try start(tls + users)
            let client = try Child([
                "python3", "-c",
                """
                import socket, ssl, time
                context = ssl._create_unverified_context()
                plain = [socket.create_connection(("127.0.0.1", \(port))) for _ in range(10)]
                secure = [context.wrap_socket(socket.create_connection(("127.0.0.1", \(port)))) for _ in range(40)]
                for connection in secure[:20]:
                    connection.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
                    assert connection.recv(100).startswith(b"HTTP/1.1 200")
                print("open", flush=True)
                time.sleep(60)
                """,
            ])
            #expect(eventually(within: 20) { client.output.contains("open") }, "\(client.output)")
            let start = ContinuousClock.now
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 20) == 0)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            print("SIGTERM with 50 idle connections: \(seconds) s")
            #expect(seconds < 2, "\(agent.output)")
            client.stop()
        }

        /// At its socket first, which needs no password; at the port with what is shown to it.
        @Test func doctorAsksAnAgentThatAsksBack() throws {
            try certificate("a")
            let (agent, _) = try start(tls + users)
            func process(_ flags: String...) throws -> String {
                let (_, output) = try Child.run(
                    [Programs.energyctl, "doctor", "--settings-of=\(agent.pid)"] + flags, seconds: 40)
                let lines = output.split(separator: "\n")
                // The check of the agent itself comes last.
                return lines.last { $0.contains("process \(agent.pid)") }.map(String.init) ?? output
            }
            #expect(try process().contains("version"), "at the socket")
            let port = "--web.socket=none"
            let refused = try process(port, "--agent.ca=\(path)/a.pem")
            #expect(
                refused.contains("does not answer") && refused.contains("https://") && refused.contains("401"),
                "\(refused)")
            #expect(
                try process(port, "--agent.ca=\(path)/a.pem", "--agent.token-file=\(path)/tokens").contains("version"))
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
        }

        @Test func aBadFileKeepsTheAgentFromStarting() throws {
            let (agent, _) = try start("basic_auth_users:\n  admin: secret-word\n")
            #expect(agent.wait(seconds: 10) == 2)
            #expect(
                agent.output.contains("web.yml: line 2: the password of admin is no bcrypt hash"), "\(agent.output)")
            #expect(!agent.output.contains("secret-word"))
        }
    }
}

extension RealKernel.Proofs {
    /// `/healthz` of an agent that compares passwords as fast as it can.
    @Test func probesBesideAHundredWrongLogins() throws {
        let times = try RealKernel.Access().probes(beside: 100)
        try #require(times.count > 100)
        let (median, late) = (times[times.count / 2], times[times.count * 99 / 100])
        print(
            "\(times.count) probes beside 100 wrong logins: median \(median * 1e3) ms, 99 % \(late * 1e3) ms, "
                + "worst \((times.last ?? 0) * 1e3) ms")
        #expect(late < 0.05)
    }
}

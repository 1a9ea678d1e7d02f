import Glibc
import TestSupport
import Testing

extension RealKernel {
    /// `energyctl` and an agent that comes, goes, or is none.
    @Suite struct Client {
        private func energyctl(_ arguments: String...) throws -> (code: Int32?, output: String) {
            try Child.run([Programs.energyctl] + arguments, seconds: 30)
        }

        /// Addresses are part of messages, and everyone can read a command line.
        @Test(arguments: [["top", "--once"], ["model", "export"]])
        func anAddressHasNoPassword(_ command: [String]) throws {
            for address in ["http://me:s3cret@127.0.0.1:1", "https://s3cret@node7", "http://127.0.0.1:80@s3cret:1/x"] {
                let (code, output) = try Child.run(
                    [Programs.energyctl] + command + ["--address=\(address)"], seconds: 30)
                #expect(code == 2 && output.contains("--agent.credentials") && !output.contains("s3cret"), "\(output)")
            }
            let (_, output) = try Child.run(
                [Programs.energyctl] + command + ["--address=http://127.0.0.1:1/a@b"], seconds: 30)
            #expect(!output.contains("--agent.credentials"))
        }

        @Test func aStreamOutlivesTheAgent() throws {
            let port = try freePort()
            let command = [Programs.energyd, "--web.listen-address=127.0.0.1:\(port)", "--web.socket=none"]
            func start() throws -> Child {
                let child = try Child(command)
                eventually { httpGet(port: port, "/readyz")?.status == 200 }
                return child
            }
            var agent = try start()
            // Only the beginnings: a machine with many processes has long documents.
            let stream = try Child([
                "/bin/sh", "-c", "\"$@\" | sed -u 's/^\\({.\\{9\\}\\).*/\\1/'", "sh", Programs.energyctl, "top",
                "--output=json", "--interval=300ms", "--address=http://127.0.0.1:\(port)",
            ])
            func documents() -> Int { stream.output.split(separator: "\n").count { $0.hasPrefix("{") } }
            eventually { documents() >= 2 }
            agent.send(SIGTERM)
            agent.wait(seconds: 10)
            eventually { stream.output.contains("onnection refused") }
            // Time for one more try.
            usleep(600_000)
            let before = documents()
            agent = try start()
            eventually { documents() >= before + 2 }
            #expect(stream.wait(seconds: 0.01) == nil, "the stream has ended")
            #expect(before >= 2 && documents() >= before + 2)
            let words = stream.output.split(separator: "\n").filter { !$0.hasPrefix("{") }
            // Each once, however often it was tried; in between the new agent may not have been ready.
            #expect(words.first?.contains("onnection refused") == true && words.count <= 3, "\(words)")
            #expect(words.last?.contains("answers again") == true, "\(words)")
        }

        /// An agent that never has anything to tell.
        @Test(.enabled(if: Conditions.has("python3"), "needs python3")) func theServersReasonIsPrinted() throws {
            let port = try freePort()
            let server = try Child([
                "python3", "-c",
                """
                import http.server
                class Handler(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        self.send_response(503); self.send_header("Content-Type", "text/plain"); self.end_headers()
                        self.wfile.write(b"not ready: the moon is in the way\\n")
                http.server.HTTPServer(("127.0.0.1", \(port)), Handler).serve_forever()
                """,
            ])
            eventually { KeepAliveClient(port: port) != nil }
            let (code, output) = try energyctl("top", "--once", "--address=http://127.0.0.1:\(port)")
            server.stop()
            #expect(code == 1)
            #expect(output.contains("HTTP 503") && output.contains("the moon is in the way"), "\(output)")
        }

        /// Servers that take the request and then stop: before the head, in the body, and in the text of an error; and one
        /// whose body never comes to an end.
        @Test(
            .enabled(if: Conditions.has("python3"), "needs python3"),
            arguments: [
                ("", "", "no answer within 5 s"),
                ("200 OK\\r\\nContent-Length: 9000", "{", "silent for 5 s in its answer"),
                ("500 Oh\\r\\nContent-Type: text/plain\\r\\nContent-Length: 9000", "the disk", "HTTP 500 the disk"),
                ("200 OK", "trickle", "its answer was not complete after 10 s"),
            ])
        func aServerThatStopsIsLeft(head: String, body: String, words: String) throws {
            let port = try freePort()
            let server = try Child([
                "python3", "-c",
                """
                import socket, threading, time
                def serve(peer):
                    if not peer.recv(9999): return
                    if "\(head)": peer.sendall(b"HTTP/1.1 \(head)\\r\\n\\r\\n\(body)")
                    try:
                        while "\(body)" == "trickle": time.sleep(0.5); peer.sendall(b" ")
                        peer.recv(1)
                    except OSError: pass
                listener = socket.create_server(("127.0.0.1", \(port)))
                while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
                """,
            ])
            eventually { KeepAliveClient(port: port) != nil }
            let began = ContinuousClock.now
            let (code, output) = try energyctl("top", "--once", "--address=http://127.0.0.1:\(port)")
            server.stop()
            #expect(code == 1 && output.contains(words), "\(output)")
            #expect(ContinuousClock.now - began < .seconds(20))
        }

        @Test func aSchemeThatTheAgentDoesNotSpeakIsNamed() throws {
            let agent = try AgentProcess()
            let (code, output) = try energyctl("top", "--once", "--address=https://127.0.0.1:\(agent.port)")
            #expect(code == 1)
            #expect(
                output.contains("http://") && !output.contains("boringssl") && !output.contains("BoringSSL"),
                "\(output)")
        }

        @Test func theSocketIsForTheAgentsGroupUnlessConfiguredOtherwise() throws {
            let directory = try TemporaryDirectory()
            for (flags, mode) in [([], 0o660), (["--web.socket-mode=0600"], 0o600)] as [([String], UInt32)] {
                let path = directory.path + "/socket"
                let agent = try AgentProcess(["--web.socket=\(path)"] + flags)
                var status = stat()
                #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == mode)
                #expect(try energyctl("top", "--once", "--address=unix:\(path)").code == 0)
                #expect(try energyctl("top", "--once", "--address=\(path)").code == 0)
                _ = agent.stop()
            }
            let path = directory.path + "/" + String(repeating: "x", count: 120)
            let agent = try AgentProcess(["--web.socket=\(path)"])
            #expect(agent.child.output.contains("longer than 107 bytes"), "\(agent.child.output)")
            let (code, output) = try energyctl("top", "--once", "--address=unix:\(path)")
            #expect(code == 1 && output.contains("longer than 107 bytes"), "\(output)")
        }

        @Test(arguments: [
            (["simulate", "--path=/nope/x"], "No such file or directory"), (["identify", "--cgroup", ""], "--cgroup"),
        ])
        func whatCannotBeDoneIsSaid(_ arguments: [String], _ words: String) throws {
            let (code, output) = try Child.run([Programs.energyctl] + arguments, seconds: 10)
            #expect(code == 2 && output.contains(words), "\(output)")
        }
    }
}

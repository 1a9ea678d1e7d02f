import Glibc
import TestSupport
import Testing

extension RealKernel {
    /// What the server answers to requests as they come over the network, well formed or not.
    @Suite struct Requests {
        /// The status of the answer to these bytes, and whether the server closed the connection; nil without an answer.
        private func ask(_ port: UInt16, _ request: String) throws -> (status: Int?, isClosed: Bool) {
            let start = ContinuousClock.now
            let bytes = try #require(exchange(port: port, Array(request.utf8), timeout: 3))
            let line = String(decoding: bytes.prefix(12), as: UTF8.self)
            return (line.hasPrefix("HTTP/1.1 ") ? Int(line.dropFirst(9)) : nil, .now - start < .seconds(2.5))
        }

        /// Also on a server for every interface, which a web page reaches at a loopback address all the same.
        @Test(arguments: ["127.0.0.1", ""]) func namesOfOthersAreRefused(_ host: String) throws {
            let port = try freePort()
            let agent = try Child([
                Programs.energyd, "--web.listen-address=\(host):\(port)", "--web.socket=none", "--tier=procfs",
                "--web.hosts=proxy.example", "--names=none",
            ])
            eventually { httpGet(port: port, "/readyz")?.status == 200 }
            func get(_ version: String, _ headers: String...) throws -> (status: Int?, isClosed: Bool) {
                try ask(port, "GET /healthz HTTP/\(version)\r\n\(headers.map { $0 + "\r\n" }.joined())\r\n")
            }
            for name in ["localhost", "127.0.0.1:\(port)", "[::1]", "proxy.example:443"] {
                #expect(try get("1.1", "Host: \(name)") == (200, false), "\(name)")
            }
            for name in ["evil.example", "evil.example:\(port)", "localhost.evil.example", "192.0.2.1"] {
                #expect(try get("1.1", "Host: \(name)") == (403, true), "\(name)")
            }
            #expect(try get("1.1") == (400, true))
            #expect(try get("1.1", "Host: localhost", "Host: localhost") == (400, true))
            #expect(try get("1.0") == (200, true))
            #expect(try get("1.0", "Host: evil.example") == (403, true))
            agent.send(SIGTERM)
            #expect(agent.wait(seconds: 10) == 0)
        }

        @Test func largeRequestsCostNothing() throws {
            let agent = try AgentProcess(["--tier=procfs", "--names=none", "--sample.interval=200ms"])
            func resident() throws -> Int {
                let status = try String(decoding: readAll("/proc/\(agent.child.pid)/status"), as: UTF8.self)
                let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
                return try #require(Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1]))
            }
            let before = try resident()
            for _ in 0..<5 {
                let header = "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "a", count: 4 << 20))\r\n\r\n"
                let long = try ask(agent.port, header)
                #expect(long.status == nil || (400..<500).contains(long.status ?? 0), "\(long)")
                let many = (0..<20_000).map { "X-\($0): y\r\n" }.joined()
                let crowd = try ask(agent.port, "GET / HTTP/1.1\r\nHost: localhost\r\n\(many)\r\n")
                #expect(crowd.status == nil || (400..<500).contains(crowd.status ?? 0), "\(crowd)")
                let body = String(repeating: "b", count: 8 << 20)
                let post = try ask(
                    agent.port,
                    "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                #expect(post.status == 413 || post.status == nil)
            }
            #expect(try resident() - before < 8 << 10, "KiB: \(before) before")
            #expect(httpGet(port: agent.port, "/healthz")?.status == 200)
            #expect(agent.stop() == 0)
        }

        private func readAll(_ path: String) throws -> [UInt8] {
            let file = try #require(fopen(path, "r"))
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
            return bytes
        }
    }
}

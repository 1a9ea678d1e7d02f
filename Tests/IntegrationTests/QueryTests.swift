import Glibc
import Linux
import TestSupport
import Testing

extension RealKernel {
    /// The queries that the documents show, asked of the real Prometheus.
    @Suite(
        .enabled(
            if: Conditions.isRoot && Conditions.has("prometheus"), "needs root, prometheus (Debian: prometheus)"))
    struct Queries {
        /// Those of the blocks marked `promql`, and those that a sentence introduces with `PromQL: `.
        private func documented() throws -> [String] {
            let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
            var queries: [String] = []
            let documents = try listDirectory(root + "/docs").map { "docs/\($0.name)" }.filter { $0.hasSuffix(".md") }
            for document in ["README.md"] + documents {
                let text = try readAll("\(root)/\(document)")
                for part in text.split(separator: "PromQL: `").dropFirst() {
                    queries.append(String(part.prefix { $0 != "`" }))
                }
                for block in text.split(separator: "```promql\n").dropFirst() {
                    let lines = block.prefix(upTo: block.firstRange(of: "```")?.lowerBound ?? block.endIndex)
                        .split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("#") }
                    queries += lines.split { $0.isEmpty }.map { $0.joined(separator: " ") }
                }
            }
            return queries
        }

        private struct Answer: Decodable {
            struct Data: Decodable {
                struct Sample: Decodable { var metric: [String: String] }
                var result: [Sample]
            }
            var status: String
            var error: String?
            var data: Data?
        }

        private func ask(_ port: UInt16, _ query: String) throws -> Answer {
            let escaped = query.utf8.map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count < 2 ? "0" : "") + digits
            }.joined()
            // By HTTP/1.0, so that a long answer comes in one piece and not in chunks.
            let request = "GET /api/v1/query?query=\(escaped) HTTP/1.0\r\n\r\n"
            let text = String(decoding: try #require(exchange(port: port, Array(request.utf8))), as: UTF8.self)
            let body = try #require(text.firstRange(of: "\r\n\r\n"), "\(text)").upperBound
            return try decode(Answer.self, String(text[body...]))
        }

        /// A pod whose name comes when Prometheus has met it without one, and units that contain each other.
        @Test func everyQueryOfTheDocumentsIsAnsweredThoughANameCameLate() throws {
            let queries = try documented()
            #expect(queries.count >= 5, "\(queries)")
            let (uid, id) = (
                "7d1e2f30-aaaa-4bbb-8ccc-\(100_000_000_000 + Int(getpid()))", String(repeating: "c0ffee42", count: 8)
            )
            let logs = try TemporaryDirectory()
            for name in ["pods", "containers"] { mkdir("\(logs.path)/\(name)", 0o755) }
            let pods = try TestCgroup("queries")
            let (pod, container) = ("\(pods.directory)/pod\(uid)", "\(pods.directory)/pod\(uid)/\(id)")
            mkdir(pod, 0o755)
            mkdir(container, 0o755)
            defer { for path in [container, pod] { rmdir(path) } }
            let manager = try TestCgroup("manager.service")
            let unit = manager.directory + "/worker.service"
            mkdir(unit, 0o755)
            let agent = try AgentProcess(["--sample.interval=500ms", "--path.logs=\(logs.path)"])
            let loads = try [container, unit].map {
                try Child(["/bin/sh", "-c", "while :; do :; done"], cgroup: $0)
            }
            defer { for load in loads { load.stop() } }

            let directory = try TemporaryDirectory()
            try directory.write(
                """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - job_name: energyd
                    static_configs: [{targets: ["127.0.0.1:\(agent.port)"]}]
                """, to: "prometheus.yml")
            let port = try freePort()
            let prometheus = try Child([
                "prometheus", "--config.file=\(directory.path)/prometheus.yml",
                "--storage.tsdb.path=\(directory.path)/data", "--web.listen-address=127.0.0.1:\(port)",
            ])
            /// Waits until the query has an answer.
            func wait(for query: String) throws {
                let isAnswered = try eventually(every: 0.25) {
                    guard httpGet(port: port, "/-/ready")?.status == 200 else { return false }
                    return try ask(port, query).data?.result.isEmpty == false
                }
                #expect(isAnswered, "no answer to \(query): \(prometheus.output.suffix(2000))")
            }
            try wait(for: #"energyd_pod_info{k8s_pod_uid="\#(uid)",k8s_pod_name=""}"#)
            mkdir("\(logs.path)/pods/shop_late_\(uid)", 0o755)
            symlink("x", "\(logs.path)/containers/late_shop_app-\(id).log")
            try wait(for: #"rate(energyd_namespace_energy_joules_total{k8s_namespace_name="shop"}[5m])"#)
            try wait(for: #"energyd_container_info{k8s_pod_uid="\#(uid)",k8s_pod_name="late"}"#)

            for query in queries {
                let answer = try ask(port, query)
                #expect(answer.status == "success", "\(query): \(answer.error ?? "")")
                let samples = answer.data?.result ?? []
                #expect(!samples.isEmpty, "\(query)")
                // Who asks for the pod's name gets it, and only once.
                if query.contains("group_left") {
                    let ours = samples.filter { $0.metric["k8s_pod_uid"] == uid }
                    #expect(ours.count == 1 && ours[0].metric["k8s_pod_name"] == "late", "\(query): \(ours)")
                }
            }
        }
    }
}

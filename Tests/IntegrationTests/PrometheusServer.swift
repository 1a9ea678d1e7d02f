import Linux
import TestSupport
import Testing

/// The real Prometheus, which scrapes an agent twice a second.
final class PrometheusServer {
    struct Sample: Decodable {
        let metric: [String: String]
        let value: Double

        private enum Key: CodingKey { case metric, value }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            metric = try container.decode([String: String].self, forKey: .metric)
            var pair = try container.nestedUnkeyedContainer(forKey: .value)
            _ = try pair.decode(Double.self)
            value = Double(try pair.decode(String.self)) ?? .nan
        }
    }

    private struct Answer: Decodable {
        struct Data: Decodable { let result: [Sample] }
        let error: String?
        let data: Data?
    }

    let port: UInt16
    private let child: Child
    private let directory: TemporaryDirectory

    init(scraping agent: AgentProcess, job: String) throws {
        directory = try TemporaryDirectory()
        try directory.write(
            """
            global: {scrape_interval: 500ms, scrape_timeout: 500ms}
            scrape_configs:
              - job_name: \(job)
                static_configs: [{targets: ["127.0.0.1:\(agent.port)"]}]
            """, to: "prometheus.yml")
        port = try freePort()
        child = try Child([
            "prometheus", "--config.file=\(directory.path)/prometheus.yml",
            "--storage.tsdb.path=\(directory.path)/data", "--web.listen-address=127.0.0.1:\(port)",
        ])
    }

    var output: String { child.output }

    /// - Parameter time: Unix time, s; nil for now.
    func ask(_ query: String, at time: Double? = nil) throws -> [Sample] {
        let escaped = query.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
        // By HTTP/1.0, so that a long answer comes in one piece and not in chunks.
        let request = "GET /api/v1/query?query=\(escaped)\(time.map { "&time=\($0)" } ?? "") HTTP/1.0\r\n\r\n"
        let text = String(decoding: try #require(exchange(port: port, Array(request.utf8))), as: UTF8.self)
        let body = try #require(text.firstRange(of: "\r\n\r\n"), "\(text)").upperBound
        let answer = try decode(Answer.self, String(text[body...]))
        guard let data = answer.data else { throw Failure("\(query): \(answer.error ?? "no answer")") }
        return data.result
    }

    /// Waits until the query has an answer.
    func wait(for query: String) throws {
        let isAnswered = try eventually(every: 0.25) {
            guard httpGet(port: port, "/-/ready")?.status == 200 else { return false }
            return try !ask(query).isEmpty
        }
        #expect(isAnswered, "no answer to \(query): \(output.suffix(2000))")
    }
}

import Glibc
import Linux
import TestSupport
import Testing

/// The real Prometheus, which scrapes agents and others.
final class PrometheusServer {
    /// What one of its scrapes is of.
    struct Target {
        var job = "energyd"
        var port: UInt16
        var path = "/metrics"
        /// Labels of the target.
        var labels: [String: String] = [:]
        /// Parameters of the request.
        var parameters: [String: String] = [:]
        /// Its series may say which node they are of.
        var keepsLabels = false
    }

    /// A series and its value.
    struct Sample: Decodable {
        let metric: [String: String]
        let value: Double

        private enum CodingKeys: String, CodingKey { case metric, value }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            metric = try fields.decode([String: String].self, forKey: .metric)
            var pair = try fields.nestedUnkeyedContainer(forKey: .value)
            _ = try pair.decode(Double.self)
            value = Double(try pair.decode(String.self)) ?? .nan
        }
    }

    private struct Samples: Decodable { var result: [Sample] }

    private struct Answer<Content: Decodable>: Decodable {
        var status: String
        var error: String?
        var data: Content?
    }

    let port: UInt16
    private let directory: TemporaryDirectory
    private let child: Child

    /// - Parameter interval: between two scrapes.
    init(_ targets: [Target], every interval: String = "1s") throws {
        directory = try TemporaryDirectory()
        port = try freePort()
        let jobs = targets.map { target in
            let labels = target.labels.map { ", \($0.key): \"\($0.value)\"" }.sorted().joined().dropFirst(2)
            let parameters = target.parameters.map { ", \($0.key): [\"\($0.value)\"]" }.sorted().joined().dropFirst(2)
            return """
                  - job_name: \(target.job)
                    metrics_path: \(target.path)
                    params: {\(parameters)}
                    honor_labels: \(target.keepsLabels)
                    static_configs: [{targets: ["127.0.0.1:\(target.port)"], labels: {\(labels)}}]
                """
        }
        try directory.write(
            "global: {scrape_interval: \(interval), scrape_timeout: \(interval)}\nscrape_configs:\n"
                + jobs.joined(separator: "\n") + "\n",
            to: "prometheus.yml")
        child = try Child([
            "prometheus", "--config.file=\(directory.path)/prometheus.yml",
            "--storage.tsdb.path=\(directory.path)/data", "--web.listen-address=127.0.0.1:\(port)",
        ])
        let port = port
        guard eventually(every: 0.1, { httpGet(port: port, "/-/ready")?.status == 200 }) else {
            throw Failure("Prometheus does not start: \(child.output)")
        }
    }

    /// Scrapes an agent twice a second.
    convenience init(scraping agent: AgentProcess, job: String) throws {
        try self.init([.init(job: job, port: agent.port)], every: "500ms")
    }

    /// What it says of itself, for messages.
    var output: String { String(child.output.suffix(2000)) }

    /// - Parameter time: Unix time, s; nil for now.
    /// - Throws: what Prometheus objects to.
    func ask(_ query: String, at time: Double? = nil) throws -> [Sample] {
        let moment = time.map { "&time=\($0)" } ?? ""
        return try get(Samples.self, "query?query=\(Self.escaped(query))\(moment)", query).result
    }

    /// What Grafana's `label_values(SELECTOR, LABEL)` offers for a variable of a dashboard, in alphabetical order.
    func values(of label: String, in selector: String) throws -> [String] {
        try get([String].self, "label/\(label)/values?match[]=\(Self.escaped(selector))", selector)
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }

    private func get<Content: Decodable>(_ type: Content.Type, _ path: String, _ query: String) throws -> Content {
        // By HTTP/1.0, so that a long answer comes in one piece and not in chunks.
        let request = "GET /api/v1/\(path) HTTP/1.0\r\n\r\n"
        let text = String(decoding: try #require(exchange(port: port, Array(request.utf8))), as: UTF8.self)
        let body = try #require(text.firstRange(of: "\r\n\r\n"), "\(text)").upperBound
        let answer = try decode(Answer<Content>.self, String(text[body...]))
        guard let content = answer.data else { throw Failure("\(query): \(answer.error ?? answer.status)") }
        return content
    }

    /// The one value that a query has; nil where it has none.
    func value(_ query: String, at time: Double? = nil) throws -> Double? {
        let samples = try ask(query, at: time)
        guard samples.count < 2 else { throw Failure("\(query): \(samples)") }
        return samples.first?.value
    }

    /// Waits until the query has an answer.
    @discardableResult
    func wait(for query: String, within seconds: Double = 60) throws -> [Sample] {
        do {
            return try waitFor("an answer to \(query)", within: seconds, every: 0.1) {
                let samples = try ask(query)
                return samples.isEmpty ? nil : samples
            }
        } catch { throw Failure("\(error): \(output)") }
    }

    /// Waits for a scrape that began after the call: its time, Unix time, s.
    func nextScrape(of selector: String) throws -> Double {
        let query = "timestamp(energyd_agent_ticks_total\(selector))"
        let before = try value(query) ?? 0
        return try waitFor("two scrapes of \(selector)", every: 0.1) {
            // The first may have begun before.
            let time = try value(query) ?? 0
            return time > before + 1.5 ? time : nil
        }
    }
}

/// What else there is to scrape.
struct Targets {
    let port: UInt16
    private let child: Child

    init(_ directory: TemporaryDirectory) throws {
        let script = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/targets.py"
        child = try Child(["python3", script, directory.path, "--throttled"])
        let file = directory.path + "/targets-port"
        guard eventually({ fileExists(file) }), let port = UInt16(try readText(file)) else {
            throw Failure("no targets: \(child.output)")
        }
        self.port = port
    }
}

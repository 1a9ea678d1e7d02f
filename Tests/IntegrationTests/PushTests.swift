import FoundationEssentials
import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

/// The collector of PushingTests, which decodes requests with opentelemetry-proto.
private final class CollectorProcess {
    struct Request: Decodable {
        let status: Int?
        let points: Int
        let digest: String
        let lines: [String]
        let faults: [String]

        var isAccepted: Bool { status == 200 }

        /// Each data point of a metric: time, ns; attributes of the resource and of the point; value as decode.py has it.
        func points(of metric: String) -> [(time: UInt64, resource: String, attributes: String, value: String)] {
            lines.compactMap { line in
                let fields = line.split(separator: " ").map(String.init)
                guard fields.count == 9, fields[0] == metric, let time = UInt64(fields[5]) else { return nil }
                return (time, fields[6], fields[7], fields[8])
            }
        }
    }

    private let directory: TemporaryDirectory
    private var child: Child?
    private(set) var port = 0
    var url: String { "http://127.0.0.1:\(port)" }

    init(_ script: String) throws {
        directory = try TemporaryDirectory()
        try answer(script)
        try start()
    }

    func answer(_ script: String) throws { try directory.write("[\(script)]", to: "script") }

    func stop() { child = nil }

    func start() throws {
        let child = try Child(
            try pythonScript("PushingTests/collector.py") + [directory.path],
            environment: ["COLLECTOR_PORT": "\(port)"])
        port = try waitFor("the collector's port", within: 30) {
            child.output.split(separator: "\n").first.flatMap { Int($0) }
        }
        self.child = child
    }

    var requests: [Request] {
        get throws {
            try documents(inLog: directory.path + "/log") { try decode(Request.self, $0) }
        }
    }
}

extension RealKernel {
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Push {
        /// The address is all that is needed; the figures of the end arrive before the agent is gone.
        @Test func oneVariableSwitchesItOn() throws {
            let collector = try CollectorProcess("{}")
            let agent = try AgentProcess(
                ["--sample.interval=200ms", "--node.name=pushed"],
                environment: [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_RESOURCE_ATTRIBUTES": "k8s.cluster.name=test",
                ])
            _ = try waitFor("the first request") { try collector.requests.first }
            let sent = try agent.snapshot("that says so") { $0.agent.exports?.first?.sentPoints ?? 0 > 0 }
            let export = try #require(sent.agent.exports?.first)
            #expect(export.target == collector.url + "/v1/metrics" && export.lastError == nil)
            #expect(agent.stop() == 0)
            let requests = try collector.requests
            #expect(requests.count == 2 && requests.allSatisfy(\.isAccepted))
            #expect(requests.flatMap(\.faults) == [] && requests.allSatisfy { $0.points > 50 })
            let last = try #require(requests.last)
            let energy = last.points(of: "energyd.node.energy")
            #expect(!energy.isEmpty && UInt64((sent.unixTime * 1e6).rounded()) * 1000 <= energy.map(\.time).max() ?? 0)
            for attribute in [
                "service.name=energyd", "host.name=pushed", "os.type=linux", "service.instance.id=pushed",
                "k8s.cluster.name=test", "os.description=Linux%20%",
            ] {
                #expect(energy.first?.resource.contains(attribute) == true, "\(attribute)")
            }
        }

        /// An outage over a restart of the agent: every request of both runs arrives, once, in its order.
        @Test func aQueueOnDiskSurvivesARestart() throws {
            let directory = try TemporaryDirectory()
            let queue = directory.path + "/queue"
            let collector = try CollectorProcess(#"{"status": 503}"#)
            let flags = [
                "--sample.interval=200ms", "--otlp.interval=1s", "--otlp.queue=\(queue)",
                "--state.file=\(directory.path)/state",
            ]
            let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url]
            func waiting() -> [String] { ((try? listDirectory(queue)) ?? []).map(\.name).sorted() }
            let first = try AgentProcess(flags, environment: variables)
            #expect(eventually { waiting().count >= 3 })
            #expect(first.stop() == 0)
            let left = waiting()
            #expect(left.count >= 3)
            collector.stop()
            let second = try AgentProcess(flags, environment: variables)
            #expect(eventually { waiting().count >= left.count + 2 })
            try collector.answer("{}")
            try collector.start()
            #expect(eventually { waiting().count <= 1 })
            #expect(second.stop() == 0)
            #expect(waiting() == [])
            let accepted = try collector.requests.filter(\.isAccepted)
            #expect(accepted.count >= left.count + 3 && accepted.flatMap(\.faults) == [])
            #expect(Set(accepted.map(\.digest)).count == accepted.count)
            // In their order, and the counters of the second run continue those of the first.
            let times = accepted.map { $0.points(of: "energyd.node.energy").map(\.time).max() ?? 0 }
            #expect(times == times.sorted() && Set(times).count == times.count && times[0] > 0)
            var totals: [String: Double] = [:]
            for point in accepted.flatMap({ $0.points(of: "energyd.node.energy") }) {
                let bits = try #require(UInt64(point.value.dropFirst(2), radix: 16))
                let joules = Double(bitPattern: bits)
                #expect(joules >= totals[point.attributes] ?? 0, "\(point)")
                totals[point.attributes] = joules
            }
            #expect(!totals.isEmpty)
        }

        /// Nothing listens there: the agent runs all the same, and says so.
        @Test func withoutACollector() throws {
            let agent = try AgentProcess(
                ["--sample.interval=200ms"],
                environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(try freePort())"])
            let failed = try agent.snapshot("after an attempt") { $0.agent.exports?.first?.failures ?? 0 > 0 }
            let export = try #require(failed.agent.exports?.first)
            #expect(export.queuedRequests >= 1 && export.lastError != nil && export.droppedPoints == 0)
            #expect(agent.child.output.contains("metrics could not be sent to the collector"))
            #expect(agent.stop() == 0)
            let grpc = try AgentProcess(
                environment: [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
                ])
            #expect(try grpc.snapshot().agent.exports == nil)
            #expect(grpc.child.output.contains("does not speak OTLP over gRPC") && grpc.child.output.contains("4318"))
        }
    }
}

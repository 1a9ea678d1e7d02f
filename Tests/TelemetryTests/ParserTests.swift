import Formatting
import Glibc
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport
import Testing

/// Prometheus' own parsers of both formats, in Python, read everything that is exported, and find the figures of the JSON.
@Suite struct ParserTests {

    /// Names as users make them, to hurt.
    private static let hostile = [
        "a\"b", "a\\b", "a\nb", "a\\nb", "\"", "\\", "{}=,", " ", "# EOF", "\u{1B}[31m", "\u{202E}gnp.exe", "e\u{301}",
        "\u{1F469}\u{200D}\u{1F52C}", "\u{0}", "\r\n", "\u{FEFF}", "\u{2028}", String(repeating: "x\"", count: 2000),
        "\u{EF80}\u{EFFF}", "} 1\nup 0",
    ]

    /// The sample of everything, with workloads of hostile names.
    private static func snapshot() throws -> Snapshot {
        var snapshot = fullSnapshot()
        let pod = try #require(snapshot.workloads.first { $0.kind == "pod" })
        let cgroup = try #require(snapshot.workloads.first { $0.kind == "cgroup" })
        for (number, name) in hostile.enumerated() {
            var other = pod
            other.id = "pod:hostile-\(number)"
            other.labels["k8s.pod.uid"] = "hostile-\(number)"
            other.labels["k8s.pod.name"] = name
            other.labels["k8s.pod.label.app.io/name"] = name
            other.labels["k8s.pod.label.app_io_name"] = "y"
            other.labels["k8s.pod.annotation." + name] = name
            snapshot.workloads.append(other)
            var plain = cgroup
            plain.cgroupId = 900_000 + UInt64(number)
            plain.cgroupPath = "/user.slice/" + name
            plain.id = "cgroup:\(plain.cgroupId)"
            snapshot.workloads.append(plain)
        }
        for index in snapshot.commands.indices { snapshot.commands[index].comm = hostile[index % hostile.count] }
        return snapshot
    }

    private static let selections: [(name: String, selection: MetricSelection)] = {
        func change(_ name: String, _ change: (inout MetricSelection) -> Void) -> (String, MetricSelection) {
            var selection = MetricSelection()
            change(&selection)
            return (name, selection)
        }
        var unknown = ""
        let more = LabelSelection(
            words: ["default", "k8s.node.name", "host.name", "container.image.name", "k8s.pod.label.*"],
            unknown: &unknown)
        let one = LabelSelection(words: ["k8s_namespace_name", "k8s.pod.label.app.io/name"], unknown: &unknown)
        return [
            change("default") { _ in }, change("scope") { $0.namesScope = true },
            change("created") { $0.tellsCreation = true }, change("conventional") { $0.usesConventionalNames = true },
            change("none") { $0.labels = .none }, change("more") { $0.labels = more ?? .none },
            change("one") { $0.labels = one ?? .none }, change("node") { $0.levels = [.node] },
            change("all") { selection in
                selection.namesScope = true
                selection.tellsCreation = true
                selection.usesConventionalNames = true
                selection.labels = more ?? .none
            },
        ]
    }()

    @Test func prometheusOwnParsersFindTheFiguresOfTheJSON() throws {
        let snapshot = try Self.snapshot()
        let directory = try TemporaryDirectory()
        try write(ByteSink.collect { try? snapshot.write(json: $0) }, "snapshot.json", directory)
        let resource = Resource([.init("service.name", "energyd"), .init("host.name", Self.hostile[0])])
        for (name, selection) in Self.selections {
            for format in TextFormat.allCases {
                let text = ByteSink.collect {
                    MetricsExporter(selection, resource: resource).export(snapshot, as: format, to: $0)
                }
                try write(text, "\(name).\(format == .openMetrics ? "openmetrics" : "text")", directory)
            }
        }
        let (code, output) = try Child.run(try pythonScript("TelemetryTests/parse.py") + [directory.path])
        #expect(code == 0, "\(output)")
        #expect(output.split(separator: "\n").count { $0.hasPrefix("ok ") } == 2 * Self.selections.count, "\(output)")
    }

    private func write(_ bytes: [UInt8], _ name: String, _ directory: TemporaryDirectory) throws {
        try directory.write(String(decoding: bytes, as: UTF8.self), to: name)
    }
}

import Compression
import Snapshot
import SnapshotSamples
import Testing

@testable import Pushing
@testable import Telemetry

/// What OpenTelemetry's own decoder finds in a request is what the snapshot says.
@Suite struct EncodingTests {
    private static let resource = Resource([
        .init("service.name", "energyd"), .init("host.name", "node7"), .init("k8s.cluster.name", "a \"b\" \\ é"),
        // Those of the node, which a workload has too.
        .init("k8s.node.name", "node7.example"),
    ])

    private func requests(
        _ snapshot: Snapshot, _ format: OTLPEncoder.Format, sizeLimit: Int = 4 << 20, isPerWorkload: Bool = false
    ) -> [OTLPEncoder.Request] {
        var options = OTLPEncoder.Options()
        options.format = format
        options.sizeLimit = sizeLimit
        options.hasResourcePerWorkload = isPerWorkload
        var requests: [OTLPEncoder.Request] = []
        MetricsExporter(.ofPush, resource: Self.resource).requests(snapshot, options) { requests.append($0) }
        return requests
    }

    /// With a start of the agent, and of some workloads.
    private func snapshot() -> Snapshot {
        var snapshot = fullSnapshot()
        snapshot.agent.startUnixTime = snapshot.unixTime - 245.678
        for index in snapshot.workloads.indices where index % 3 == 1 {
            snapshot.workloads[index].since = snapshot.unixTime - Double(index) - 0.25
        }
        var exports = Snapshot.ExportState(target: "http://c:4318/v1/metrics")
        exports.sentPoints = 7
        exports.ageSeconds = 0.5
        snapshot.agent.exports = [exports]
        return snapshot
    }

    @Test(arguments: OTLPEncoder.Format.allCases, [false, true])
    func valuesAreThoseOfTheSnapshot(_ format: OTLPEncoder.Format, _ isCompressed: Bool) throws {
        let snapshot = snapshot()
        let bodies = requests(snapshot, format).map { isCompressed ? gzipped($0.body) : $0.body }
        #expect(bodies.count == 1)
        let found = try decoded(bodies, format)
        let expected = lines(of: snapshot, resource: Self.resource)
        #expect(expected.count > 300)
        #expect(Set(found).subtracting(expected).sorted() == [] && Set(expected).subtracting(found).sorted() == [])
        #expect(found.count == expected.count)
    }

    /// Figures that were worked out by hand, as `kind unit start time value`; values are the bits of IEEE 754.
    @Test(arguments: OTLPEncoder.Format.allCases, [false, true])
    func figuresWorkedOutByHand(_ format: OTLPEncoder.Format, _ isPerWorkload: Bool) throws {
        let found = try decoded(requests(snapshot(), format, isPerWorkload: isPerWorkload).map(\.body), format)
        func points(_ metric: String, _ attributes: [String]) -> [String] {
            found.map { $0.split(separator: " ") }.filter { fields in
                guard fields.count == 9 else { return false }
                let all = (fields[6].split(separator: "|") + fields[7].split(separator: "|")).map(String.init)
                return fields[0] == metric && Set(attributes).isSubset(of: all)
            }.map { "\($0[1]) \($0[2]) \($0[4]) \($0[5]) \($0[8])" }
        }
        let (start, time) = ("1767322800000000000", "1767323045678000000")
        // 7,000,000 uJ and 1,500,000 uJ, since the agent's start.
        let nginx = ["k8s.container.name=nginx", "k8s.pod.name=web-7d9c", "zone=package-0"]
        #expect(
            points("energyd.container.energy", nginx + ["mode=dynamic"])
                == ["counter J \(start) \(time) d:401c000000000000"])
        #expect(
            points("energyd.container.energy", nginx + ["mode=static"])
                == ["counter J \(start) \(time) d:3ff8000000000000"])
        // 80.987654312 s, since 1.25 s before: a workload that came later.
        let since = "1767323044428000000"
        #expect(
            points("energyd.pod.cpu.time", ["k8s.pod.name=web-7d9c"])
                == ["counter s \(since) \(time) d:40543f35ba6e72c7"])
        // A gauge has no start.
        #expect(points("energyd.node.power", []) == ["gauge W 0 \(time) d:4045afbbca4609d0"])
        // A count is an integer.
        #expect(
            points("energyd.export.points", ["outcome=sent"]).map { $0.split(separator: " ").last } == ["i:7"])
    }

    @Test(arguments: OTLPEncoder.Format.allCases) func aResourcePerWorkload(_ format: OTLPEncoder.Format) throws {
        let snapshot = snapshot()
        let found = try decoded(requests(snapshot, format, isPerWorkload: true).map(\.body), format)
        let expected = lines(of: snapshot, resource: Self.resource)
        #expect(Set(found.map(merged)).subtracting(expected.map(merged)).sorted() == [])
        #expect(found.count == expected.count)
        // A container's name is one of its resource, and none of the data point; but for the info metric.
        let ofContainer = found.filter { $0.contains("k8s.container.name=nginx") && !$0.contains(".info ") }
        #expect(!ofContainer.isEmpty)
        #expect(ofContainer.allSatisfy { $0.split(separator: " ")[6].contains("k8s.container.name=nginx") })
    }

    /// It is another stream, with the whole value and the old start: docs/otlp.md says what that means for sums.
    @Test func aNameThatComesLate() throws {
        let exporter = MetricsExporter(.ofPush, resource: Self.resource)
        func stream(_ snapshot: Snapshot) throws -> [String] {
            var bodies: [[UInt8]] = []
            exporter.requests(snapshot, OTLPEncoder.Options()) { bodies.append($0.body) }
            var streams: [String] = []
            for line in try decoded(bodies, .protobuf) where line.hasPrefix("energyd.pod.cpu.time ") {
                let fields = line.split(separator: " ")
                guard fields[7].contains("k8s.pod.uid=0c1f2a3b") else { continue }
                let name = fields[7].contains("k8s.pod.name=web-7d9c") ? "named" : "unnamed"
                streams.append("\(fields[4]) \(fields[8]) \(name)")
            }
            return streams
        }
        var snapshot = snapshot()
        let pod = try #require(snapshot.workloads.firstIndex { $0.name == "web-7d9c" })
        let name = snapshot.workloads[pod].labels.removeValue(forKey: "k8s.pod.name")
        snapshot.workloads[pod].isAwaitingName = true
        #expect(try stream(snapshot) == [])
        snapshot.workloads[pod].isAwaitingName = nil
        #expect(try stream(snapshot) == ["1767323044428000000 d:40543f35ba6e72c7 unnamed"])
        snapshot.workloads[pod].labels["k8s.pod.name"] = name
        snapshot.workloads[pod].cpuSeconds += 1
        #expect(try stream(snapshot) == ["1767323044428000000 d:40547f35ba6e72c7 named"])
    }

    /// Every request stays below the limit, and no data point is lost or comes twice.
    @Test(arguments: OTLPEncoder.Format.allCases, [false, true])
    func largeDocumentsAreDivided(_ format: OTLPEncoder.Format, _ isPerWorkload: Bool) throws {
        let snapshot = snapshot()
        let limit = format == .json ? 16 << 10 : 6 << 10
        let parts = requests(snapshot, format, sizeLimit: limit, isPerWorkload: isPerWorkload)
        #expect(parts.count > 5 && parts.allSatisfy { $0.body.count <= limit * 5 / 4 })
        let found = try decoded(parts.map(\.body), format)
        #expect(found.map(merged).sorted() == lines(of: snapshot, resource: Self.resource).map(merged).sorted())
        #expect(parts.map(\.points).reduce(0, +) == found.count)
    }

    /// A collector that finds a request too large gets its halves.
    @Test(arguments: OTLPEncoder.Format.allCases, [false, true])
    func halvesHaveWhatTheWholeHas(_ format: OTLPEncoder.Format, _ isPerWorkload: Bool) throws {
        let snapshot = snapshot()
        let whole = try #require(requests(snapshot, format, isPerWorkload: isPerWorkload).first)
        let halves = try #require(RequestDivision.halves(whole.body, isProtobuf: format == .protobuf))
        #expect(halves.map(\.points).reduce(0, +) == whole.points && abs(halves[0].points - halves[1].points) <= 1)
        #expect(halves.allSatisfy { $0.body.count < whole.body.count * 3 / 4 })
        let quarters = halves.flatMap { RequestDivision.halves($0.body, isProtobuf: format == .protobuf) ?? [] }
        #expect(quarters.count == 4)
        let found = try decoded(quarters.map(\.body), format)
        #expect(found == (try decoded([whole.body], format)))
    }

    @Test func whatCannotBeDividedIsNot() throws {
        let whole = try #require(requests(snapshot(), .protobuf).first?.body)
        #expect(RequestDivision.halves(Array(whole.dropLast(3)), isProtobuf: true) == nil)
        for text in ["", "[]", "{}", "{\"resourceMetrics\":[1]}", "{\"resourceMetrics\":[{\"a\":\"}", "null"] {
            #expect(RequestDivision.halves(Array(text.utf8), isProtobuf: false) == nil, "\(text)")
        }
        // Down to one data point, which is as small as it gets.
        var part = RequestDivision.Part(body: whole, points: 0)
        var steps = 0
        while let halves = RequestDivision.halves(part.body, isProtobuf: true) {
            part = halves[steps % 2]
            steps += 1
        }
        #expect(part.points == 1 && steps > 8)
        #expect(try decoded([part.body], .protobuf).count == 1)
    }

    /// What users put into names arrives as it is, and breaks nothing.
    @Test(arguments: OTLPEncoder.Format.allCases) func hostileNames(_ format: OTLPEncoder.Format) throws {
        var snapshot = snapshot()
        let names = [
            "\u{0}\u{1}\u{1F}\u{7F}\u{9B}", "\"}],\"dataPoints\":[{", "\\\\\"", "\r\n\t", "\u{202E}\u{FEFF}\u{FFFF}",
            "\u{10FFFF}\u{1F4A9}e\u{301}", String(repeating: "é", count: 100_000), "\u{EF80}", "</script>", "%|=",
            String(decoding: [0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80] as [UInt8], as: UTF8.self),
        ]
        for (index, name) in names.enumerated() {
            snapshot.workloads[index].labels["k8s.container.name"] = name
            snapshot.workloads[index].labels["systemd.unit.description"] = name
        }
        snapshot.commands[0].comm = names[1]
        let whole = requests(snapshot, format)
        let found = try decoded(whole.map(\.body), format)
        let expected = lines(of: snapshot, resource: Self.resource)
        #expect(found.sorted() == expected.sorted())
        let halves = whole.flatMap { RequestDivision.halves($0.body, isProtobuf: format == .protobuf) ?? [] }
        #expect(try decoded(halves.map(\.body), format).sorted() == expected.sorted())
    }

    /// A clock that was set back leaves no figure that ends before it began.
    @Test func aClockThatWasSetBack() throws {
        var snapshot = snapshot()
        snapshot.agent.startUnixTime = snapshot.unixTime + 3600
        snapshot.workloads[0].since = snapshot.unixTime + 10
        let found = try decoded(requests(snapshot, .protobuf).map(\.body), .protobuf)
        #expect(found.count > 300 && found.allSatisfy { !$0.hasPrefix("FAULT") })
        // From the moment to the same moment.
        let cpuTime = found.filter { $0.hasPrefix("energyd.namespace.cpu.time ") }.map { $0.split(separator: " ") }
        #expect(cpuTime.map { [$0[4], $0[5]] } == [["1767323045678000000", "1767323045678000000"]])
    }

    @Test func numbersThatJSONDoesNotHave() throws {
        var snapshot = snapshot()
        snapshot.node.powerWatts = .infinity
        snapshot.workloads[0].cpuSeconds = .nan
        for format in OTLPEncoder.Format.allCases {
            let found = try decoded(requests(snapshot, format).map(\.body), format)
            func values(_ metric: String) -> [Substring?] {
                found.filter { $0.hasPrefix(metric + " ") }.map { $0.split(separator: " ").last }
            }
            #expect(found.count > 300 && values("energyd.node.power") == ["d:7ff0000000000000"])
            #expect(values("energyd.namespace.cpu.time") == ["d:7ff8000000000000"])
        }
    }
}

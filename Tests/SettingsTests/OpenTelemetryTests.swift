import Telemetry
import Testing

@testable import Settings

/// The variables that a platform sets for every program.
@Suite struct OpenTelemetryTests {
    private func resolve(_ variables: [String: String], _ flags: [Assignment] = []) throws -> ResolvedConfiguration {
        var prefixed: [String: String] = [:]
        for (name, value) in variables { prefixed["OTEL_" + name] = value }
        return try Layers.resolve(flags: flags, in: environment(prefixed))
    }

    @Test func theAddressAloneSuffices() throws {
        let resolved = try resolve(["EXPORTER_OTLP_ENDPOINT": "http://collector:4318"])
        #expect(resolved.values.otlp.endpoint == "http://collector:4318/v1/metrics" && resolved.remarks.isEmpty)
        #expect(resolved.origin(of: .otlpEndpoint) == .environment("OTEL_EXPORTER_OTLP_ENDPOINT"))
        #expect(try resolve([:]).values.otlp.endpoint == nil)
    }

    /// The path of metrics is added to the address of all signals, and not to their own.
    @Test func anAddressOfMetricsIsUsedAsItIs() throws {
        let all = "EXPORTER_OTLP_ENDPOINT"
        #expect(try resolve([all: "https://c/otlp/"]).values.otlp.endpoint == "https://c/otlp/v1/metrics")
        let both = try resolve([all: "http://a", "EXPORTER_OTLP_METRICS_ENDPOINT": "http://b/push"])
        #expect(both.values.otlp.endpoint == "http://b/push")
        #expect(both.overridden(of: .otlpEndpoint).isEmpty)
    }

    @Test func allOfThem() throws {
        var variables = [
            "EXPORTER_OTLP_ENDPOINT": "http://c", "EXPORTER_OTLP_HEADERS": "api-key=k%2C1,b=2",
            "EXPORTER_OTLP_TIMEOUT": "2500", "EXPORTER_OTLP_COMPRESSION": "none",
            "EXPORTER_OTLP_CERTIFICATE": "/ca", "EXPORTER_OTLP_CLIENT_CERTIFICATE": "/cert",
            "EXPORTER_OTLP_CLIENT_KEY": "/key", "EXPORTER_OTLP_PROTOCOL": "http/json",
            "METRIC_EXPORT_INTERVAL": "15000", "RESOURCE_ATTRIBUTES": "cloud.region=eu-1,cloud.availability_zone=",
            "SERVICE_NAME": "power, 100%",
        ]
        let otlp = try resolve(variables).values.otlp
        #expect(otlp.headers.map(\.value) == ["k,1", "2"])
        #expect(otlp.timeout == .milliseconds(2500) && otlp.interval == .seconds(15) && otlp.packing == .none)
        #expect(otlp.authorityFile == "/ca" && otlp.certificateFile == "/cert" && otlp.keyFile == "/key")
        #expect(otlp.wireProtocol == .json)
        #expect(otlp.attributes.map(\.name) == ["cloud.region", "cloud.availability_zone", "service.name"])
        #expect(otlp.attributes.map(\.value) == ["eu-1", "", "power, 100%"])
        // Those of metrics win.
        for (name, value) in [("TIMEOUT", "100"), ("COMPRESSION", "gzip"), ("PROTOCOL", "http/protobuf")] {
            variables["EXPORTER_OTLP_METRICS_\(name)"] = value
        }
        let own = try resolve(variables).values.otlp
        #expect(own.timeout == .milliseconds(100) && own.packing == .gzip && own.wireProtocol == .protobuf)
    }

    @Test func ownSettingsWin() throws {
        let flag = Assignment(.otlpEndpoint, "http://own", from: .flag("--otlp.endpoint"))
        let resolved = try resolve(["EXPORTER_OTLP_ENDPOINT": "http://other"], [flag])
        #expect(resolved.values.otlp.endpoint == "http://own/v1/metrics")
        #expect(resolved.overridden(of: .otlpEndpoint) == [.environment("OTEL_EXPORTER_OTLP_ENDPOINT")])
    }

    @Test(arguments: [["SDK_DISABLED": "TRUE"], ["METRICS_EXPORTER": "none"], ["METRICS_EXPORTER": "prometheus"]])
    func metricsCanBeSwitchedOff(_ variables: [String: String]) throws {
        let all = variables.merging(["EXPORTER_OTLP_ENDPOINT": "http://c"]) { $1 }
        #expect(try resolve(all).values.otlp.endpoint == nil)
        #expect(
            try resolve(["EXPORTER_OTLP_ENDPOINT": "http://c", "METRICS_EXPORTER": "otlp,prometheus"])
                .values.otlp.endpoint != nil)
    }

    /// Not spoken, and nothing is sent to the port of something else.
    @Test(arguments: ["EXPORTER_OTLP_PROTOCOL", "EXPORTER_OTLP_METRICS_PROTOCOL"]) func overGRPC(_ name: String) throws
    {
        let resolved = try resolve([name: "grpc", "EXPORTER_OTLP_ENDPOINT": "http://c:4317"])
        #expect(resolved.values.otlp.endpoint == nil)
        let remark = try #require(resolved.remarks.first)
        #expect(resolved.remarks.count == 1 && remark.finding.contains("gRPC") && remark.remedy.contains("4318"))
        let flag = Assignment(.otlpEndpoint, "http://own", from: .flag("--otlp.endpoint"))
        #expect(try resolve([name: "grpc"], [flag]).values.otlp.wireProtocol == .protobuf)
        // That of metrics wins.
        let own = ["EXPORTER_OTLP_PROTOCOL": "grpc", "EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf"]
        #expect(
            try resolve(own.merging(["EXPORTER_OTLP_ENDPOINT": "http://c"]) { $1 }).values.otlp.endpoint != nil)
    }

    /// A platform's mistake does not keep the agent from starting; it is named, without what may be a secret.
    @Test func nonsenseIsLeftOutAndNamed() throws {
        let variables = [
            "EXPORTER_OTLP_ENDPOINT": "http://c", "EXPORTER_OTLP_TIMEOUT": "soon", "EXPORTER_OTLP_HEADERS": "s3cret",
            "METRIC_EXPORT_INTERVAL": "-1", "RESOURCE_ATTRIBUTES": "s3cret", "EXPORTER_OTLP_CLIENT_KEY": "/key",
        ]
        let resolved = try resolve(variables)
        #expect(resolved.values.otlp.endpoint != nil && resolved.values.otlp.headers.isEmpty)
        #expect(resolved.values.otlp.timeout == .seconds(10) && resolved.values.otlp.attributes.isEmpty)
        #expect(resolved.remarks.count == 5)
        for name in variables.keys where name != "EXPORTER_OTLP_ENDPOINT" {
            #expect(resolved.remarks.contains { $0.finding.contains("OTEL_" + name) }, "\(name)")
        }
        #expect(!resolved.remarks.contains { $0.finding.contains("s3cret") || $0.remedy.contains("s3cret") })
        // Where nothing is sent, it does not matter.
        #expect(try resolve(["EXPORTER_OTLP_TIMEOUT": "soon"]).remarks.isEmpty)
        #expect(try resolve(["EXPORTER_OTLP_ENDPOINT": "c:4317"]).remarks.count == 1)
    }
}

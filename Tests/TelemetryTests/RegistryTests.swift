import Glibc
import GoldenSupport
import TestSupport
import Testing

@testable import Telemetry

@Suite struct RegistryTests {
    /// `make docs` writes it.
    @Test func theDocumentIsWhatTheCollectorsSay() {
        expectGolden(MetricRegistry.yaml, "metrics.yaml", in: "../../docs")
    }

    /// Both ways: what is used is defined, and what is defined is used.
    @Test func everyAttributeIsDefined() {
        let used = Set(MetricCatalog.all.flatMap(\.attributes))
        let defined = AttributeDefinition.all.map(\.name)
        #expect(used.symmetricDifference(defined) == [])
        #expect(Set(AttributeDefinition.all.map(\.id)).count == defined.count)
        for attribute in AttributeDefinition.all {
            #expect(attribute.brief.hasSuffix("."), "\(attribute.name)")
            #expect(attribute.examples.isEmpty != attribute.values.isEmpty, "\(attribute.name)")
        }
    }

    /// By a reader of YAML that is not ours, and a schema. With WEAVER_SCHEMA, the path of schemas/semconv.schema.json of
    /// https://github.com/open-telemetry/weaver, by that too.
    @Test func isWhatToolsOfTheSemanticConventionsRead() throws {
        let file = try TemporaryDirectory()
        try file.write(MetricRegistry.yaml, to: "metrics.yaml")
        let schema = getenv("WEAVER_SCHEMA").map { [String(cString: $0)] } ?? []
        let (code, output) = try Child.run(
            try pythonScript("TelemetryTests/registry.py") + [file.path + "/metrics.yaml"] + schema)
        #expect(code == 0, "\(output)")
        #expect(output.contains("\(MetricCatalog.all.count) metrics"))
    }
}

import GoldenSupport
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport
import Testing

@Suite struct GoldenTests {
    @Test func theExpositionIsTheContract() {
        expectGolden(String(decoding: fullSnapshot().exposition(), as: UTF8.self), "metrics.txt")
    }

    @Test func soIsOpenMetrics() {
        let text = String(decoding: fullSnapshot().exposition(as: .openMetrics), as: UTF8.self)
        expectGolden(text, "metrics.openmetrics.txt")
    }

    /// A pod may have a label of any name, and every name under the prefix is its.
    @Test func noAttributeCanBeTakenForALabelOfAPod() {
        for metric in MetricCatalog.all {
            for attribute in metric.attributes where !attribute.hasSuffix("*") {
                #expect(!attribute.hasPrefix("k8s.pod.label.") && !attribute.hasPrefix("k8s.pod.annotation."))
            }
        }
    }

    /// `a.b` and `a/b` are one label to Prometheus, and a series that has it twice is refused with all others.
    @Test func labelsOfOnePrometheusNameAreJoined() throws {
        var snapshot = fullSnapshot()
        let pod = try #require(snapshot.workloads.firstIndex { $0.kind == "pod" })
        snapshot.workloads[pod].labels["k8s.pod.label.app.io/name"] = "x"
        snapshot.workloads[pod].labels["k8s.pod.label.app_io_name"] = "y"
        let text = String(decoding: snapshot.exposition(), as: UTF8.self)
        #expect(text.contains(#"k8s_pod_label_app_io_name="x;y""#))
        #expect(!text.contains(#"k8s_pod_label_app_io_name="y""#))
    }

    /// Both ways: what is catalogued and never exported is as wrong as what is exported and not catalogued.
    @Test func theCatalogueIsWhatIsExported() {
        let families = fullSnapshot().metrics().filter { !$0.samples.isEmpty }
        let exported = Set(families.map(\.metric.name))
        let known = Set(MetricCatalog.all.map(\.name))
        #expect(exported.symmetricDifference(known) == [])
    }
}

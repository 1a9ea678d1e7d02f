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

    /// Both ways: what is catalogued and never exported is as wrong as what is exported and not catalogued.
    @Test func theCatalogueIsWhatIsExported() {
        let families = fullSnapshot().metrics().filter { !$0.samples.isEmpty }
        let exported = Set(families.map(\.metric.name))
        let known = Set(MetricCatalog.all.map(\.name))
        #expect(exported.symmetricDifference(known) == [])
    }
}

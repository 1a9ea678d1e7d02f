import Formatting
import Snapshot
import SnapshotSamples
import Testing

@testable import Telemetry

/// Prometheus' `increase()` counts nothing before the first value that it saw: so a workload that comes while the agent
/// runs starts at zero. One that was there before, or is read by a reader that knows its start, does not.
@Suite struct StartAtZeroTests {
    private func snapshot(since: Double?) -> Snapshot {
        var snapshot = sampleSnapshot()
        for index in snapshot.workloads.indices {
            snapshot.workloads[index].since = since.map { snapshot.unixTime - $0 }
        }
        return snapshot
    }

    private func energy(_ snapshot: Snapshot, _ selection: MetricSelection = MetricSelection()) -> [MetricValue] {
        snapshot.metrics(selection).first { $0.metric.name == "energyd.pod.energy" }?.samples.map(\.value) ?? []
    }

    @Test func onlyWhatIsNewIsZero() {
        let whole = energy(snapshot(since: nil))
        #expect(whole.first == .millionths(4_000_001))
        #expect(energy(snapshot(since: 0)).allSatisfy { $0 == .millionths(0) })
        #expect(energy(snapshot(since: 59.9)).count == 1 && energy(snapshot(since: 59.9)) == [.millionths(0)])
        #expect(energy(snapshot(since: 60)).first == whole.first)
        var selection = MetricSelection()
        selection.zeroTime = .zero
        #expect(energy(snapshot(since: 0), selection).first == whole.first)
    }

    /// All counters of it, and no gauge.
    @Test func everyCounterIsZero() {
        var new = fullSnapshot()
        for index in new.workloads.indices { new.workloads[index].since = new.unixTime - 1 }
        for family in new.metrics() where family.metric.name.hasPrefix("energyd.container.") {
            for sample in family.samples {
                switch family.metric.kind {
                case .counter:
                    #expect([.millionths(0), .real(0), .integer(0)].contains(sample.value), "\(family.metric.name)")
                case .gauge where family.metric.name.hasSuffix(".power"): #expect(sample.value != .real(0))
                default: break
                }
            }
        }
    }

    /// A series that is first seen with a value is counted from there on only.
    @Test func everySeriesIsThereFromTheBeginning() {
        func series(_ age: Double) -> Set<String> {
            var snapshot = fullSnapshot()
            for index in snapshot.workloads.indices { snapshot.workloads[index].since = snapshot.unixTime - age }
            for index in snapshot.commands.indices { snapshot.commands[index].since = snapshot.unixTime - age }
            for index in (snapshot.aggregates ?? []).indices {
                snapshot.aggregates?[index].since = snapshot.unixTime - age
            }
            return Set(
                String(decoding: snapshot.exposition(), as: UTF8.self).split(separator: "\n").compactMap { line in
                    line.lastIndex(of: " ").map { String(line[..<$0]) }
                })
        }
        #expect(series(1) == series(1000))
        #expect(series(1).contains { $0.contains("energyd_container_energy") && $0.contains("static") })
    }

    /// A counter that falls counts twice for `increase()`.
    @Test func aClockThatIsSetBackMakesNothingZeroAgain() {
        let exporter = MetricsExporter()
        func text(_ snapshot: Snapshot) -> String {
            String(decoding: ByteSink.collect { exporter.export(snapshot, as: .prometheus, to: $0) }, as: UTF8.self)
        }
        let line = #"energyd_pod_energy_joules_total{k8s_pod_uid="u",zone="package-0",mode="dynamic"} "#
        #expect(text(snapshot(since: 10)).contains(line + "0"))
        #expect(text(snapshot(since: 70)).contains(line + "4.000001"))
        #expect(text(snapshot(since: 20)).contains(line + "4.000001"))
    }
}

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

    /// The sample of everything, all of which came a while ago.
    private func full(age: Double) -> Snapshot {
        var snapshot = fullSnapshot()
        let since = snapshot.unixTime - age
        for index in snapshot.workloads.indices { snapshot.workloads[index].since = since }
        for index in snapshot.commands.indices { snapshot.commands[index].since = since }
        for index in (snapshot.aggregates ?? []).indices { snapshot.aggregates?[index].since = since }
        return snapshot
    }

    /// All counters of it, and no gauge.
    @Test(arguments: WorkloadKind.all.map(\.name) + ["process"]) func everyCounterIsZero(_ kind: String) {
        let families = full(age: 1).metrics().filter {
            $0.metric.name.hasPrefix("energyd.\(kind).") && !$0.samples.isEmpty
        }
        #expect(families.count { $0.metric.kind == .counter } >= 3)
        for family in families {
            for sample in family.samples {
                switch family.metric.kind {
                case .counter:
                    #expect([.millionths(0), .real(0), .integer(0)].contains(sample.value), "\(family.metric.name)")
                case .histogram:
                    guard case .histogram(_, let counts, let sum) = sample.value else { break }
                    #expect(counts.allSatisfy { $0 == 0 } && sum == 0, "\(family.metric.name)")
                case .gauge where family.metric.name.hasSuffix(".power"): #expect(sample.value != .real(0))
                default: break
                }
            }
        }
    }

    /// Zero or not, each says since when it counts.
    @Test(arguments: WorkloadKind.all.map(\.name) + ["process"]) func everyCounterSaysItsBeginning(_ kind: String) {
        let snapshot = full(age: 1)
        let families = snapshot.metrics().filter {
            $0.metric.name.hasPrefix("energyd.\(kind).") && [.counter, .histogram].contains($0.metric.kind)
        }
        let starts = families.map { Set($0.samples.map(\.start)) }.filter { !$0.isEmpty }
        #expect(starts.count >= 3 && starts.allSatisfy { $0 == [snapshot.unixTime - 1] })
    }

    /// A series that is first seen with a value is counted from there on only.
    @Test func everySeriesIsThereFromTheBeginning() {
        func series(_ age: Double) -> Set<String> {
            var selection = MetricSelection()
            selection.kepler = .both
            return Set(
                String(decoding: full(age: age).exposition(selection), as: UTF8.self).split(separator: "\n").compactMap
                { line in
                    line.lastIndex(of: " ").map { String(line[..<$0]) }
                })
        }
        #expect(series(1) == series(1000))
        #expect(series(1).contains { $0.contains("energyd_container_energy") && $0.contains("static") })
        for metric in ["kepler_container_joules_total", "kepler_container_package_joules_total"] {
            #expect(series(1).contains { $0.hasPrefix(metric) && $0.contains(#"mode="idle""#) })
        }
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
        // Nor when it gets a name at that moment.
        var named = snapshot(since: 20)
        named.workloads[0].labels["k8s.pod.name"] = "web"
        #expect(text(named).contains(#"{k8s_pod_name="web",k8s_pod_uid="u",zone="package-0",mode="dynamic"} 4.000001"#))
    }
}

import Telemetry
import Testing

@Suite struct MetricSelectionTests {
    private func names(_ selection: MetricSelection, _ snapshot: Snapshot = sampleSnapshot()) -> Set<String> {
        Set(snapshot.metrics(selection).filter { !$0.samples.isEmpty }.map(\.metric.prometheusName))
    }

    @Test func aLevelCanBeLeftOut() {
        let all = names(MetricSelection())
        var selection = MetricSelection()
        selection.levels = [.node, .pod]
        let some = names(selection)
        #expect(all.subtracting(some).allSatisfy { $0.contains("container") })
        #expect(
            all.contains("energyd_container_energy_joules_total") && some.contains("energyd_pod_energy_joules_total"))
        #expect(some.contains("hw_energy_joules_total") && some.contains("energyd_build_info"))
        selection.levels = []
        #expect(names(selection).allSatisfy { !$0.hasPrefix("hw_") && !$0.contains("energy_joules") })
        #expect(names(selection).contains("energyd_build_info"))
    }

    @Test func onlyTheLargestProcessesAreTold() {
        var snapshot = sampleSnapshot()
        snapshot.commands = (0..<50).map { number in
            Snapshot.Command(
                comm: "c\(number)", workloadId: "w", cpuSeconds: 1, powerWatts: 0, emissionsGrams: 0,
                zones: ["package-0": .init(dynamicMicrojoules: UInt64(number % 40), staticMicrojoules: 0)])
        }
        var selection = MetricSelection()
        selection.processLimit = 3
        let family = snapshot.metrics(selection).first { $0.metric.name == "energyd.process.energy" }
        #expect(Set(family?.samples.compactMap { $0.attributes.first?.value } ?? []) == ["c39", "c38", "c37"])
        selection.processLimit = 0
        #expect(!names(selection, snapshot).contains("energyd_process_energy_joules_total"))
    }

    /// The worst case of docs/operations.md, from the metrics themselves: series per workload.
    @Test func aWorkloadHasAsManySeriesAsTheDocumentSays() {
        var snapshot = sampleSnapshot()
        for index in snapshot.workloads.indices { snapshot.workloads[index].scheduling = Snapshot.Scheduling() }
        func count(_ kind: String) -> Int {
            snapshot.metrics().filter { family in
                family.metric.name.hasPrefix("energyd.\(kind)") || family.metric.name == "\(kind).cpu.time"
                    || family.metric.name == "k8s.\(kind).cpu.time"
            }.reduce(0) { $0 + $1.samples.count }
        }
        // One zone: energy 1, power, emissions, time, two kinds of switches, waits, info.
        #expect(count("container") == 8 && count("pod") == 8)
        for index in snapshot.workloads.indices {
            snapshot.workloads[index].scheduling?.waitCounts = Array(repeating: 1, count: 16)
            snapshot.workloads[index].scheduling?.pressureSeconds = [
                "cpu": 1, "memory": 1, "memory.full": 1, "io": 1, "io.full": 1,
            ]
        }
        // As text, a histogram is a series for every bucket, the sum and the number.
        let lines = String(decoding: PrometheusText.render(snapshot.metrics()), as: UTF8.self).split(separator: "\n")
        #expect(
            lines.count {
                $0.hasPrefix("energyd_container_cpu_wait_duration") || $0.hasPrefix("energyd_container_pressure")
            } == 23)
    }
}

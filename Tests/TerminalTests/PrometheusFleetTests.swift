import Snapshot
import Testing

@testable import Terminal

@Suite struct PrometheusFleetTests {
    private typealias Sample = PrometheusFleet.Sample

    private func sample(_ value: Double, _ labels: [String: String]) -> Sample {
        Sample(labels: labels, time: 1000, value: value)
    }

    private var samples: [PrometheusFleet.Query: [Sample]] {
        let web = ["node": "n1", "k8s_namespace_name": "shop", "k8s_pod_name": "web-x2"]
        return [
            .power: [sample(60, ["node": "n1"]), sample(40, ["instance": "n2:9464"])],
            .cpus: [sample(4, ["node": "n1"]), sample(2, ["instance": "n2:9464"])],
            .part: [sample(30, ["node": "n1", "part": "idle"]), sample(1, ["node": "n1", "part": "system"])],
            .energy: [sample(3600, ["node": "n1"])],
            .zones: [sample(1, ["node": "n1", "zone": "package-0", "source": "rapl", "quality": "measured"])],
            .intensity: [sample(300, ["node": "n1"]), sample(300, ["instance": "n2:9464"])],
            .workloads: [
                sample(9, ["node": "n1", "__name__": "energyd_namespace_power_watts", "k8s_namespace_name": "shop"]),
                sample(9, web.merging(["__name__": "energyd_pod_power_watts"]) { $1 }),
                sample(
                    8,
                    web.merging(["__name__": "energyd_container_power_watts", "k8s_container_name": "nginx"]) { $1 }),
                sample(
                    2, ["instance": "n2:9464", "__name__": "energyd_unit_power_watts", "systemd_unit": "ssh.service"]),
            ],
            .joules: [sample(7200, web)],
        ]
    }

    @Test func seriesBecomeNodesWithTheirWorkloads() throws {
        let reports = PrometheusFleet.reports(samples, now: 1000)
        #expect(reports.map(\.name) == ["n1", "n2:9464"])
        let whole = try #require(Fleet.merged(reports))
        #expect(whole.node.powerWatts == 100 && whole.node.cpuCount == 6 && whole.node.name == "2 nodes")
        let rows = Listing(whole, model: TopModel(filter: "node=n1")).rows
        #expect(rows.map(\.name) == ["n1", "idle", "shop", "web-x2", "nginx", "kernel threads", "unattributed"])
        let pod = try #require(rows.first { $0.kind == "pod" })
        #expect(pod.watts == 9 && pod.joules == 7200 && pod.cpus == nil && pod.labels["k8s.pod.name"] == "web-x2")
        #expect(
            Header.lines(whole, timeline: nil, average: "", past: nil, width: 80, rows: 24, look: .bare)[0]
                .rendered(width: nil, look: .bare) == "2 nodes  100.0 W measured by RAPL")
    }

    @Test func whatIsNoNumberIsNotKnown() throws {
        var samples = samples
        samples[.power] = [sample(.nan, ["node": "n1"])]
        samples[.cpus] = [sample(.infinity, ["node": "n1"])]
        samples[.joules] = [sample(-1, ["node": "n1", "k8s_namespace_name": "shop"])]
        let report = try #require(PrometheusFleet.reports(samples, now: 1000).first)
        #expect(report.snapshot?.node.powerWatts == nil && report.snapshot?.node.cpuCount == 0)
        #expect(PrometheusFleet.reports([:], now: 0).isEmpty)
    }
}

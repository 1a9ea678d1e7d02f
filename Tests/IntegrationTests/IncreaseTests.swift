import Glibc
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// What a real Prometheus makes of counters that begin, end and survive.
    @Suite(
        .enabled(
            if: Conditions.isRoot && Conditions.has("prometheus") && Conditions.has("openssl"),
            "needs root, prometheus (Debian: prometheus) and openssl"))
    struct Increases {
        /// How a format reaches Prometheus: this one asks for OpenMetrics itself, and gets text from a proxy that does not.
        private static let formats = ["openmetrics", "text"]

        /// `increase()` is what was used, in both formats: of a pod that comes, of one whose name comes late, of one that
        /// lives for a moment, over a restart of the agent, and over the end of them.
        @Test func anIncreaseIsWhatWasUsed() throws {
            let state = try TemporaryDirectory()
            let node = try ShopNode(
                "increase",
                [
                    "--retention=60s", "--metrics.start-at-zero=9s", "--metrics.name-wait=7s", "--metrics.created",
                    "--state.file=\(state.path)/state",
                ])
            let others = try Targets(node.scratch)
            let prometheus = try PrometheusServer([
                .init(port: node.agent.port, labels: ["format": "openmetrics"]),
                .init(
                    job: "text", port: others.port, path: "/agent", labels: ["format": "text"],
                    parameters: ["port": "\(node.agent.port)"]),
            ])
            for format in Self.formats { try prometheus.wait(for: "energyd_node_power_watts{format=\"\(format)\"}") }
            let begins = try Self.formats.map { try prometheus.nextScrape(of: "{format=\"\($0)\"}") }

            // Without its name it is accounted, and not exported.
            try node.startPod(2, "late", team: "ops", isNamed: false)
            let unnamed = try node.agent.snapshot("with a pod that has no name yet") {
                $0.shownPod(2)?.zones.joules ?? 0 > 0.5
            }
            #expect(try unnamed.pod(2).isAwaitingName == true)
            #expect(try prometheus.ask("energyd_pod_info{k8s_pod_uid=\"\(ShopNode.uid(2))\"}").isEmpty)
            try node.namePod(2, "late", team: "ops")
            try node.startPod(1, "steady", team: "pay")
            try node.startPod(3, "brief", team: "pay")
            _ = try node.agent.snapshot("with a pod of a moment") { $0.shownPod(3)?.zones.joules ?? 0 > 0 }
            node.end("brief", number: 3)
            for name in ["steady", "late", "brief"] {
                try prometheus.wait(
                    for: "count(energyd_pod_energy_joules_total{k8s_pod_name=\"\(name)\"} > 0) >= 4")
            }
            try node.restartAgent()
            let again = try node.agent.snapshot()
            #expect(try again.pod(2).labels["k8s.pod.name"] == "late" && again.pod(1).isAlive)
            node.end("late", number: 2)
            let joules = try again.pod(1).zones.joules
            _ = try node.agent.snapshot("after the restart") { $0.shownPod(1)?.zones.joules ?? 0 > joules + 10 }

            node.stopLoads()
            let after = try node.agent.freshSnapshot()
            #expect(after.addsUp)
            for (format, begin) in zip(Self.formats, begins) {
                try compare(prometheus, format, from: begin, after)
            }
        }

        private func compare(
            _ prometheus: PrometheusServer, _ format: String, from begin: Double, _ snapshot: Snapshot
        ) throws {
            let time = try prometheus.nextScrape(of: "{format=\"\(format)\"}")
            /// A counter's growth, over its zones and modes.
            func increase(_ metric: String, _ selector: String) throws -> Double? {
                let query = "sum(increase(\(metric){format=\"\(format)\",\(selector)}[10m]))"
                return try prometheus.value(query, at: time)
            }
            for number in 1...3 {
                let pod = try snapshot.pod(number)
                let name = try #require(pod.labels["k8s.pod.name"])
                let selector = "k8s_pod_name=\"\(name)\""
                let energy = try increase("energyd_pod_energy_joules_total", selector)
                #expect(agree(energy, pod.zones.joules), "\(format) \(name): \(energy ?? 0) of \(pod.zones.joules) J")
                #expect(agree(try increase("energyd_container_energy_joules_total", selector), pod.zones.joules))
                #expect(agree(try increase("energyd_pod_cpu_time_seconds_total", selector), pod.cpuSeconds))
                let grams = try #require(pod.emissionsGrams)
                #expect(agree(try increase("energyd_pod_emissions_grams_total", selector), grams))
                // One series from beginning to end: nothing of it under an id alone, and nothing counted twice.
                let series =
                    "count by (zone) (last_over_time(energyd_pod_energy_joules_total{format=\"\(format)\","
                    + "k8s_pod_uid=\"\(ShopNode.uid(number))\"}[10m]))"
                #expect(try prometheus.ask(series, at: time).allSatisfy { $0.value == 1 })
                print("\(format) \(name): increase \(energy ?? 0) J, snapshot \(pod.zones.joules) J")
            }
            // Nothing was refused of either format: duplicates, samples out of order, what cannot be parsed.
            let scraped = try prometheus.value("scrape_samples_scraped{format=\"\(format)\"}", at: time)
            let kept = try prometheus.value("count({__name__=~\".+\",format=\"\(format)\"})", at: time)
            // Prometheus adds five series about the scrape.
            #expect(try #require(scraped) > 100 && scraped == kept.map { $0 - 5 }, "\(scraped ?? 0), \(kept ?? 0)")
            let namespace = try #require(snapshot.workloads.first { $0.kind == "namespace" && $0.name == "shop" })
            let owner = try #require(snapshot.aggregates?.first { $0.kind == "owner" })
            let team = try #require(snapshot.aggregates?.first { $0.name == "team/pay" })
            #expect(
                agree(
                    try increase("energyd_namespace_energy_joules_total", "k8s_namespace_name=\"shop\""),
                    namespace.zones.joules))
            #expect(
                agree(
                    try increase("energyd_owner_energy_joules_total", "k8s_owner_name=\"web\""), owner.zones.joules))
            #expect(
                agree(
                    try increase("energyd_label_energy_joules_total", "energyd_label_value=\"pay\""),
                    team.zones.joules))
            // The restart reset nothing, of the node neither.
            for metric in ["energyd_node_energy_joules_total", "energyd_pod_energy_joules_total"] {
                #expect(try prometheus.value("sum(resets(\(metric){format=\"\(format)\"}[10m]))", at: time) == 0)
            }
            // From sample to sample, so that there is nothing at the edges for Prometheus to extrapolate. The millisecond is
            // for those versions whose range leaves out a sample at its very beginning.
            let range = Int(((time - begin) * 1000).rounded())
            let node = "energyd_node_energy_joules_total{format=\"\(format)\"}"
            let grown = try prometheus.value("increase(\(node)[\(range + 1)ms])", at: time)
            let between = try #require(try prometheus.value("\(node) - \(node) offset \(range)ms", at: time))
            #expect(agree(grown, between), "\(grown ?? 0), \(between)")
        }
    }
}

import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

/// A query that a document shows.
private struct DocumentedQuery: CustomStringConvertible {
    /// The document, and the heading or sentence that it answers.
    let place: String
    let text: String

    var description: String { "\(place): \(text)" }

    /// Those of the blocks marked `promql`, and those that a sentence introduces with `PromQL: `.
    static func all() throws -> [Self] {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let documents = try listDirectory(root + "/docs").map { "docs/\($0.name)" }.filter { $0.hasSuffix(".md") }
        return try (["README.md"] + documents.sorted()).flatMap { try read($0, readAll("\(root)/\($0)")) }
    }

    private static func read(_ document: String, _ text: String) throws -> [Self] {
        var queries: [Self] = []
        for part in text.split(separator: "PromQL: `").dropFirst() {
            queries.append(Self(place: document, text: String(part.prefix { $0 != "`" })))
        }
        var heading = ""
        var block: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```promql" {
                block = []
            } else if line == "```", let lines = block {
                block = nil
                // Several in one block have an empty line between them.
                queries += lines.split { $0.isEmpty }.map {
                    Self(place: document + heading, text: $0.joined(separator: " "))
                }
            } else if block != nil {
                if !line.hasPrefix("#") { block?.append(line) }
            } else if line.hasPrefix("#") {
                heading = ", " + line.drop { $0 == "#" || $0 == " " }
            }
        }
        return queries
    }

    /// What Prometheus is asked: history that a test does not have is that of some seconds before.
    var asked: String { text.replacing("offset 1d", with: "offset 4s") }

    /// Its result may be zero everywhere.
    var mayBeZero: Bool { ["19. ", "22. "].contains { place.contains(", \($0)") } }
}

extension RealKernel {
    /// The queries that the documents show, asked of the real Prometheus that scrapes a real agent on a node with named
    /// pods, and an agent on a node without meters.
    @Suite(
        .enabled(
            if: Conditions.isRoot && Conditions.has("prometheus") && Conditions.has("openssl"),
            "needs root, prometheus (Debian: prometheus) and openssl"))
    struct Queries {
        @Test func everyQueryOfTheDocumentsHasItsAnswer() throws {
            let queries = try DocumentedQuery.all()
            #expect(queries.count { $0.place.hasPrefix("docs/queries.md") } >= 20, "\(queries)")
            let node = try ShopNode(
                "queries",
                [
                    "--retention=5s", "--metrics.start-at-zero=3s", "--metrics.name-wait=3s",
                    "--metrics.labels=default,k8s.node.name",
                ])
            let other = try AgentProcess([
                "--tier=procfs", "--power.sources=estimate", "--node.name=node8", "--metrics.level=node",
            ])
            let others = try Targets(node.scratch)
            let prometheus = try PrometheusServer([
                .init(port: node.agent.port, labels: ["node": "node7"]),
                .init(job: "energyd-hosts", port: other.port, labels: ["node": "node8"]),
                .init(job: "others", port: others.port, path: "/others", keepsLabels: true),
            ])
            try prometheus.wait(for: "energyd_node_power_watts{node=\"node7\"}")
            try node.startPod(1, "web-1", team: "pay")
            try node.startPod(2, "report-1", team: "ops")
            try node.startUnit("worker.service")
            try node.start("vm", in: [#"machine-qemu\x2d2\x2dbuild.scope"#])
            try node.start("job", in: ["slurm", "uid_1000", "job_303"])
            // So that it is shown as it is before it ends.
            let report = #"energyd_pod_energy_joules_total{k8s_pod_name="report-1",zone="package-0"} > 0"#
            try prometheus.wait(for: report)
            node.end("report-1", number: 2)
            let ended = try node.agent.snapshot("that shows the end of a pod") { $0.shownPod(2)?.isAlive == false }
            // Until it is no longer shown.
            _ = try node.agent.snapshot("without a pod that ended") { $0.shownPod(2) == nil }
            try prometheus.wait(for: "absent(\(report))")
            for query in queries { try check(query, prometheus) }
            // Its name is on the series of workloads as asked, and on those of the node by the target's label.
            #expect(try prometheus.value("count(energyd_pod_power_watts{k8s_node_name!=\"node7\"})") == nil)
            #expect(try prometheus.value("count(energyd_pod_power_watts{k8s_node_name=\"node7\"}) > 0") != nil)
            #expect(try prometheus.ask("{__name__=~\"energyd_.*\",node=\"\"} unless {job=\"others\"}").isEmpty)

            node.stopLoads()
            let after = try node.agent.freshSnapshot()
            let time = try prometheus.nextScrape(of: "{node=\"node7\"}")
            try compare(queries, prometheus, at: time, after, ended: try ended.pod(2))
        }

        /// The answer is there and can be true.
        private func check(_ query: DocumentedQuery, _ prometheus: PrometheusServer) throws {
            let samples: [PrometheusServer.Sample]
            do { samples = try prometheus.ask(query.asked) } catch {
                Issue.record("\(query): \(error)")
                return
            }
            #expect(!samples.isEmpty, "no answer: \(query)")
            #expect(samples.allSatisfy { $0.value.isFinite && $0.value < 1e12 }, "\(query): \(samples)")
            if query.mayBeZero {
                #expect(samples.allSatisfy { abs($0.value) < 0.9 }, "\(query): \(samples)")
            } else {
                #expect(samples.contains { $0.value > 0 }, "\(query): \(samples)")
                #expect(samples.allSatisfy { $0.value >= 0 }, "\(query): \(samples)")
            }
        }

        /// What a query returns is what the snapshot says, once nothing runs any more.
        private func compare(
            _ queries: [DocumentedQuery], _ prometheus: PrometheusServer, at time: Double, _ snapshot: Snapshot,
            ended: Snapshot.Workload
        ) throws {
            /// The value of a question's first query, or of another of its queries, for some labels.
            func value(_ question: Int, _ number: Int = 0, _ labels: [String: String] = [:]) throws -> Double? {
                let found = queries.filter { $0.place.hasPrefix("docs/queries.md, \(question). ") }
                let samples = try prometheus.ask(try #require(found.dropFirst(number).first).asked, at: time)
                let ours = samples.filter { sample in labels.allSatisfy { sample.metric[$0.key] == $0.value } }
                #expect(ours.count == 1, "\(question): \(samples)")
                return ours.first?.value
            }
            let pod = try snapshot.pod(1)
            let namespace = try #require(snapshot.workloads.first { $0.kind == "namespace" && $0.name == "shop" })
            let job = try #require(snapshot.workloads.first { $0.kind == "job" && $0.labels["job.id"] == "303" })
            let team = try #require(snapshot.aggregates?.first { $0.name == "team/pay" })
            #expect(agree(try value(1, 0, ["k8s_pod_name": "web-1"]), pod.zones.joules / 3.6e6))
            #expect(agree(try value(6, 0, ["job_id": "303"]), job.zones.joules / 3.6e6))
            let seen = try value(7, 0, ["k8s_pod_name": "report-1"])
            // Prometheus adds up to half an interval to what no longer is.
            #expect(abs(try #require(seen) / ended.zones.joules - 1) < 0.12, "\(seen ?? 0) of \(ended.zones.joules)")
            #expect(
                agree(try value(8, 0, ["energyd_label_value": "pay"]), try #require(team.emissionsGrams) / 1000))
            #expect(
                agree(try value(9, 0, ["k8s_namespace_name": "shop"]), namespace.zones.joules / 3.6e6 * 1.2 * 0.30))
            let intensity = snapshot.carbon.intensityGramsPerKilowattHour
            #expect(agree(try value(11, 0, ["node": "node7"]), intensity))
            let idle = try #require(snapshot.node.idle.powerWatts) / #require(snapshot.node.powerWatts)
            #expect(abs(try #require(try value(12, 0, ["node": "node7"])) - idle) < 0.5, "\(idle)")
            #expect(
                try prometheus.ask(try #require(queries.first { $0.place.contains(", 20. ") }).asked).map(\.metric)
                    == [["node": "node9"]])
            let estimated = try #require(queries.first { $0.place.contains(", 18. ") })
            #expect(try prometheus.ask(estimated.asked).allSatisfy { $0.metric["node"] == "node8" })
        }
    }
}

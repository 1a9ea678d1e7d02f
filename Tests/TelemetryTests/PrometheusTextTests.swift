import Formatting
import Snapshot
import SnapshotSamples
import Testing

@testable import Telemetry

/// Families alone, as text.
private func text(
    _ families: MetricFamily..., as format: TextFormat = .prometheus, createdSince: Double? = nil
) -> String {
    let bytes = ByteSink.collect { sink in
        let encoder = TextEncoder(format, sink, createdSince: createdSince)
        let exposition = Exposition(sampleSnapshot(), MetricSelection(), AttributeCache())
        for family in families {
            encoder.begin(family.metric)
            family.collect(exposition, encoder)
        }
        encoder.finish()
    }
    return String(decoding: bytes, as: UTF8.self)
}

@Suite struct PrometheusTextTests {
    private func render(_ snapshot: Snapshot) -> [String] {
        String(decoding: snapshot.exposition(), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func energyIsExportedToTheMicrojoule() {
        let lines = render(sampleSnapshot())
        #expect(lines.contains(#"hw_energy_joules_total{hw_id="package-0",hw_type="cpu"} 10.000006"#))
        #expect(
            lines.contains(
                #"energyd_pod_energy_joules_total{k8s_pod_uid="u",zone="package-0",mode="dynamic"} 4.000001"#))
        #expect(lines.contains(#"energyd_node_part_energy_joules_total{zone="package-0",part="workloads"} 4.000001"#))
        #expect(lines.contains(#"energyd_node_part_energy_joules_total{zone="package-0",part="idle"} 5"#))
        #expect(lines.contains(#"energyd_conservation_error_joules{zone="package-0"} 0.0"#))
    }

    /// As OpenMetrics has it; it says nothing of a scope.
    @Test func whatTheTargetIsComesFirst() {
        var selection = MetricSelection()
        selection.namesScope = true
        let exporter = MetricsExporter(selection, resource: Resource([.init("service.name", "energyd")]))
        for format in TextFormat.allCases {
            let text = ByteSink.collect { exporter.export(sampleSnapshot(), as: format, to: $0) }
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            #expect(lines.first { !$0.hasPrefix("#") } == "target_info{service_name=\"energyd\"} 1")
            #expect(
                lines.filter { !$0.hasPrefix("#") }.dropFirst().allSatisfy {
                    $0.contains("{otel_scope_name=\"energyd\"")
                })
        }
    }

    /// As OpenTelemetry has it: the later value counts, and what has none is left out.
    @Test func theResourceHasEachNameOnce() {
        let resource = Resource([.init("a", "1"), .init("b", ""), .init("", "x"), .init("c", "3"), .init("a", "2")])
        #expect(resource.attributes == [.init("c", "3"), .init("a", "2")])
    }

    @Test func thePowerOfAZoneThatCannotBeReadIsNotZeroButMissing() {
        var snapshot = sampleSnapshot()
        #expect(render(snapshot).contains { $0.hasPrefix("hw_power_watts{") })
        snapshot.node.zones[0].isUp = false
        snapshot.node.zones[0].powerWatts = nil
        let lines = render(snapshot)
        #expect(!lines.contains { $0.hasPrefix("hw_power_watts") || $0.hasPrefix("energyd_node_static_power") })
        #expect(lines.contains(#"energyd_zone_up{zone="package-0"} 0"#))
        #expect(lines.contains { $0.hasPrefix("hw_energy_joules_total{") })
    }

    /// What the processor's own meter shows is the node as far as that sees it, and not the host.
    @Test func theHostIsWhatAnInletMeasures() {
        var snapshot = sampleSnapshot()
        func host() -> [String] { render(snapshot).filter { $0.hasPrefix("hw_host_") } }
        #expect(host() == [])
        snapshot.node.meter = Snapshot.NodeMeter(source: "rapl", quality: "measured", isInlet: false)
        #expect(host() == [])
        snapshot.node.meter = Snapshot.NodeMeter(source: "redfish", quality: "measured", isInlet: true)
        #expect(
            host() == [
                #"hw_host_energy_joules_total{hw_id="host",source="redfish"} 10.000006"#,
                #"hw_host_power_watts{hw_id="host",source="redfish"} 12.0"#,
            ])
    }

    @Test func anUnknownPowerIsNowhereZero() throws {
        var snapshot = sampleSnapshot()
        snapshot.commands = [
            Snapshot.Command(
                comm: "c", workloadId: "w", cpuSeconds: 1, powerWatts: 0, emissionsGrams: 0,
                zones: ["package-0": .init(dynamicMicrojoules: 1, staticMicrojoules: 0)])
        ]
        snapshot.aggregates = [
            Snapshot.Aggregate(
                kind: "owner", name: "a/b/c", pods: 1, cpuSeconds: 1, cpuUsage: 0, contextSwitches: 0, powerWatts: 0,
                emissionsGrams: 0, zones: [:], labels: [:])
        ]
        snapshot.node.zones[0].isUp = false
        snapshot.node.zones[0].powerWatts = nil
        let before = render(snapshot)
        snapshot.forgetPower()
        let lines = render(snapshot)
        #expect(!lines.contains { $0.contains("power_watts") })
        // What was counted stays.
        for part in ["energy_joules", "emissions_grams_total"] {
            #expect(lines.count { $0.contains(part) } == before.count { $0.contains(part) })
        }
        #expect(!String(decoding: try snapshot.json(), as: UTF8.self).contains("powerWatts"))
        // Without any zone nothing was ever counted.
        snapshot.node.zones = []
        snapshot.forgetPower()
        #expect(!render(snapshot).contains { $0.contains("emissions_grams") })
        #expect(!String(decoding: try snapshot.json(), as: UTF8.self).contains("emissionsGrams"))
        #expect(try Snapshot(json: snapshot.json()) == snapshot)
    }

    /// Where no meter shows the whole, the node is worth what its worst part is.
    @Test func aNodeWithoutAMeterIsWorthItsWorstPart() {
        var snapshot = sampleSnapshot()
        var dram = snapshot.node.zones[0]
        (dram.name, dram.source, dram.quality) = ("dram", "estimate", "estimated")
        snapshot.node.zones.append(dram)
        #expect(
            render(snapshot).contains(
                #"energyd_node_boundary_info{energy_boundary="components",source="estimate,rapl",quality="estimated"} 1"#
            ))
    }

    /// A sum of which a part is unknown is unknown.
    @Test func thePowerOfAllWorkloadsIsUnknownWhereThatOfOneIs() {
        var snapshot = sampleSnapshot()
        func part() -> [String] {
            render(snapshot).filter { $0.hasPrefix(#"energyd_node_part_power_watts{part="workloads""#) }
        }
        #expect(part() == [#"energyd_node_part_power_watts{part="workloads"} 3.0"#])
        snapshot.workloads[0].powerWatts = nil
        #expect(part() == [])
    }

    @Test func hostileLabelsStayInTheirQuotes() {
        let lines = render(sampleSnapshot(containerName: "a\"b\\c\nenergyd_forged 1"))
        #expect(lines.contains { $0.contains(#"container_name="a\"b\\c\nenergyd_forged 1""#) })
        #expect(!lines.contains { $0.hasPrefix("energyd_forged") })
    }

    @Test func whatCouldControlATerminalIsWrittenOutInALabel() {
        let lines = render(sampleSnapshot(containerName: "a\u{1B}[2J\r\u{9B}\u{202E}\\u{1b}"))
        #expect(
            lines.contains { $0.contains(#"container_name="a\\u{1b}[2J\\u{d}\\u{9b}\\u{202e}\\u{5c}u{1b}""#) })
        #expect(!lines.joined().unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
    }

    /// In values that are rendered for each sample too.
    @Test func aReasonCannotControlATerminal() {
        var snapshot = sampleSnapshot()
        snapshot.tierReason = "a\u{1B}[2J\"b\""
        let line = render(snapshot).first { $0.hasPrefix("energyd_accounting_info") }
        #expect(line == #"energyd_accounting_info{tier="ebpf",reason="a\\u{1b}[2J\"b\""} 1"#)
    }

    /// Quotation marks have an escape sequence in one of the formats only.
    @Test func helpIsEscapedAsItsFormatHasIt() {
        let family = MetricFamily("x", .gauge, .none, "a \"b\" \\c\nd") { _, out in out.add(.integer(1)) }
        #expect(text(family).hasPrefix(#"# HELP x a "b" \\c\nd"# + "\n"))
        #expect(text(family, as: .openMetrics).contains(#"# HELP x a \"b\" \\c\nd"# + "\n"))
    }

    /// Each counter says since when it counts; what says nothing begins with the agent's totals.
    @Test func countersSayTheirBeginning() {
        let counter = MetricFamily("c", .counter, .none, "h", attributes: ["a"]) { _, out in
            out.add("agent", .integer(1))
            out.setStart(20)
            out.add("later", .integer(2))
            out.setStart(.unknown)
            out.add("unknown", .integer(3))
            out.setStart(30)
        }
        let gauge = MetricFamily("g", .gauge, .none, "h") { _, out in out.add(.integer(4)) }
        let next = MetricFamily("n", .counter, .none, "h") { _, out in out.add(.integer(5)) }
        let values = [
            #"c_total{a="agent"} 1"#, #"c_created{a="agent"} 10.0"#, #"c_total{a="later"} 2"#,
            #"c_created{a="later"} 20.0"#, #"c_total{a="unknown"} 3"#, "g 4", "n_total 5", "n_created 10.0",
        ]
        func lines(_ format: TextFormat, _ start: Double?) -> [Substring] {
            text(counter, gauge, next, as: format, createdSince: start).split(separator: "\n")
                .filter { !$0.hasPrefix("#") }
        }
        #expect(lines(.openMetrics, 10).map(String.init) == values)
        let plain = values.filter { !$0.contains("_created") }
        #expect(lines(.openMetrics, nil).map(String.init) == plain)
        #expect(lines(.prometheus, 10).map(String.init) == plain)
    }

    /// A state file may have lost when its totals began: then this run's beginning is all that is known.
    @Test func withoutTheBeginningOfTheTotalsItIsThatOfTheProcess() {
        var snapshot = sampleSnapshot()
        var selection = MetricSelection()
        selection.tellsCreation = true
        func created() -> String? {
            String(decoding: snapshot.exposition(selection, as: .openMetrics), as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("energyd_node_energy_joules_created ") }.map(String.init)
        }
        #expect(created() == nil)
        snapshot.agent.processStartUnixTime = 1_767_323_000
        #expect(created() == "energyd_node_energy_joules_created 1767323000.0")
        snapshot.agent.startUnixTime = 1_767_322_000
        #expect(created() == "energyd_node_energy_joules_created 1767322000.0")
    }

    @Test func everyFamilyIsIntroducedOnceAndEveryLineBelongsToOne() {
        var introduced: Set<String> = []
        var current = ""
        for line in render(sampleSnapshot()) where !line.isEmpty {
            if line.hasPrefix("# HELP ") {
                current = String(line.split(separator: " ")[2])
                #expect(introduced.insert(current).inserted, "\(current) twice")
            } else if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                #expect(words[2] == current)
                #expect((words[3] == "counter") == current.hasSuffix("_total"))
            } else {
                let name = line.prefix { $0 != "{" && $0 != " " }
                #expect(name == current)
            }
        }
        #expect(introduced.count > 30)
    }

    @Test func noSeriesAppearsTwice() {
        let series = render(sampleSnapshot()).filter { !$0.hasPrefix("#") && !$0.isEmpty }.map { line in
            line.split(separator: " ").dropLast().joined(separator: " ")
        }
        #expect(Set(series).count == series.count)
    }

    @Test func numbersThatAreNoNumbersHaveTheirNames() {
        let family = MetricFamily("x", .gauge, .none, "h") { _, out in
            for number in [Double.nan, .infinity, -.infinity, 0.1] { out.add(.real(number)) }
        }
        #expect(text(family) == "# HELP x h\n# TYPE x gauge\nx NaN\nx +Inf\nx -Inf\nx 0.1\n")
    }
}

@Suite struct MetricCatalogTests {
    @Test func namesFollowTheTranslationRules() {
        let examples: [(Metric, String)] = [
            (Metric("hw.energy", .counter, .joules, ""), "hw_energy_joules_total"),
            (Metric("container.cpu.time", .counter, .seconds, ""), "container_cpu_time_seconds_total"),
            (Metric("a.b", .gauge, .ratio, ""), "a_b_ratio"),
            (Metric("a.ticks", .counter, .count("tick"), ""), "a_ticks_total"),
            (Metric("energyd.zone", .info, .none, ""), "energyd_zone_info"),
        ]
        for (metric, name) in examples { #expect(metric.prometheusName == name) }
        for (attribute, label) in [("k8s.pod.uid", "k8s_pod_uid"), ("1/é", "_1___"), ("a-b", "a_b"), ("A_9", "A_9")] {
            #expect(Metric.prometheusLabel(attribute) == label)
        }
    }

    @Test func everyMetricIsThereOnceWithHelp() {
        let names = MetricCatalog.all.map(\.prometheusName)
        #expect(Set(names).count == names.count)
        #expect(MetricCatalog.all.allSatisfy { $0.help.hasSuffix(".") || $0.help.contains("; ") })
    }

    @Test func everythingThatIsExportedIsInTheCatalogue() {
        let known = Set(MetricCatalog.all)
        for family in sampleSnapshot().metrics() {
            #expect(known.contains(family.metric), "\(family.metric.name)")
            let attributes = Set(family.metric.attributes)
            for sample in family.samples { #expect(attributes.isSuperset(of: sample.attributes.map(\.name))) }
        }
    }

    @Test func theDocumentIsUpToDate() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let document = try String(decoding: readAll(root + "/docs/metrics.md"), as: UTF8.self)
        #expect(document == MetricCatalog.markdown, "run `make docs`")
    }
}

@Suite struct SnapshotTests {
    @Test func theJSONFormIsReadBackAsItWas() throws {
        let snapshot = sampleSnapshot(containerName: "é\"\\\u{1}")
        #expect(try Snapshot(json: snapshot.json()) == snapshot)
    }

    @Test func theContractsNamesAreThere() throws {
        let text = String(decoding: try sampleSnapshot().json(), as: UTF8.self)
        for name in [
            "schemaVersion", "timestamp", "windowSeconds", "tier", "node", "powerWatts", "zones", "source", "quality",
            "energyMicrojoules", "idle", "system", "unattributed", "workloads", "id", "kind", "cgroupPath", "cgroupId",
            "parentId", "cpuSeconds", "dynamicMicrojoules", "staticMicrojoules", "emissionsGrams", "labels",
            "processes",
        ] {
            #expect(text.contains("\"\(name)\":"), "\(name)")
        }
    }

    @Test func energyThatWasNotHandedOutShows() {
        var snapshot = sampleSnapshot()
        #expect(snapshot.conservationError(of: snapshot.node.zones[0]) == 0)
        snapshot.node.idle.zones["package-0"] = 4_999_999
        #expect(snapshot.conservationError(of: snapshot.node.zones[0]) == 1)
        // What lies below another workload is not added again.
        snapshot.workloads[1].parentId = nil
        #expect(snapshot.conservationError(of: snapshot.node.zones[0]) == 1 - 4_000_001)
        // Energy at rest that one bears is its own.
        snapshot.workloads[0].zones = ["package-0": .init(dynamicMicrojoules: 4_000_001, staticMicrojoules: 5)]
        #expect(snapshot.conservationError(of: snapshot.node.zones[0]) == 1 - 4_000_001 - 5)
    }
}

@Suite struct HistogramTests {
    @Test func bucketsAreCumulative() {
        let family = MetricFamily("energyd.test.wait", .histogram, .seconds, "Waits.", attributes: ["a"]) { _, out in
            out.add("b", .histogram(bounds: [0.5, 1], counts: [2, 0, 3], sum: 7.25))
        }
        #expect(
            text(family) == """
                # HELP energyd_test_wait_seconds Waits.
                # TYPE energyd_test_wait_seconds histogram
                energyd_test_wait_seconds_bucket{a="b",le="0.5"} 2
                energyd_test_wait_seconds_bucket{a="b",le="1.0"} 2
                energyd_test_wait_seconds_bucket{a="b",le="+Inf"} 5
                energyd_test_wait_seconds_sum{a="b"} 7.25
                energyd_test_wait_seconds_count{a="b"} 5

                """)
    }
}

import Snapshot
import SnapshotSamples
import Testing

@testable import Telemetry

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

    @Test func onlyTheLargestProcessesAreExported() {
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

    /// So that the selection does not alternate between equal ones.
    @Test func ofEqualProcessesTheFirstByNameAreExported() {
        var snapshot = sampleSnapshot()
        snapshot.commands = [("u", "c"), ("v", "b"), ("v", "a")].map { workload, name in
            Snapshot.Command(
                comm: name, workloadId: workload, cpuSeconds: 1, powerWatts: 0, emissionsGrams: 0,
                zones: ["package-0": .init(dynamicMicrojoules: 7, staticMicrojoules: 0)])
        }
        var selection = MetricSelection()
        selection.processLimit = 2
        let family = snapshot.metrics(selection).first { $0.metric.name == "energyd.process.energy" }
        #expect(family?.samples.compactMap { $0.attributes.first?.value } == ["c", "a"])
    }

    @Test func labelsOfPodsAreSelectedByTheirBeginning() throws {
        func labels(_ words: String...) throws -> [String] {
            var unknown = ""
            var selection = MetricSelection()
            selection.labels = try #require(LabelSelection(words: words, unknown: &unknown), "\(unknown)")
            var snapshot = fullSnapshot()
            for index in snapshot.workloads.indices where snapshot.workloads[index].id.hasPrefix("pod:0c") {
                snapshot.workloads[index].labels["k8s.pod.label.tier"] = "gold"
            }
            let family = snapshot.metrics(selection).first { $0.metric.name == "energyd.pod.power" }
            let pod = try #require(
                family?.samples.first { $0.attributes.contains { $0.name == "k8s.pod.uid" && $0.value != "unnamed" } })
            return pod.attributes.map(\.name)
        }
        #expect(try labels("k8s.pod.label.*") == ["k8s.pod.label.team", "k8s.pod.label.tier", "k8s.pod.uid"])
        #expect(
            try labels("k8s.pod.label.*", "k8s.pod.label.team")
                == ["k8s.pod.label.team", "k8s.pod.label.tier", "k8s.pod.uid"])
        #expect(try labels("k8s.pod.label.ti*", "k8s.pod.label.tier") == ["k8s.pod.label.tier", "k8s.pod.uid"])
        #expect(try labels("k8s.pod.label.none*") == ["k8s.pod.uid"])
    }

    /// What the agent counts of itself begins with it; what is restored does not; the kernel's begins with the boot.
    @Test func countersBeginWhereTheyAreCounted() {
        for family in fullSnapshot().metrics() where [.counter, .histogram].contains(family.metric.kind) {
            let name = family.metric.name
            let ofProcess = [
                "energyd.agent.", "energyd.export.", "energyd.source.", "energyd.accounting.", "energyd.names.",
            ]
            let expected: Double? =
                name == "energyd.node.cpu.mode.time"
                ? 1_767_322_700 : ofProcess.contains { name.hasPrefix($0) } ? 1_767_323_000 : nil
            let starts = Set(family.samples.map(\.start))
            #expect(starts.isEmpty || starts == [expected], "\(name): \(starts)")
        }
    }

    /// Series of one workload of a kind, which the machine tells the following of.
    private func series(
        _ kind: WorkloadKind, _ configure: (inout Snapshot.Scheduling) -> Void = { _ in }
    ) -> Int {
        var snapshot = sampleSnapshot()
        var workload = snapshot.workloads[0]
        (workload.kind, workload.parentId) = (kind.name, nil)
        var scheduling = Snapshot.Scheduling()
        configure(&scheduling)
        workload.scheduling = scheduling
        snapshot.workloads = [workload]
        // As text, a histogram is a series for every bucket, the sum and the number.
        var selection = MetricSelection()
        selection.levels = Set([kind.level].compactMap(\.self))
        func lines() -> Int {
            String(decoding: snapshot.exposition(selection), as: UTF8.self).split(separator: "\n")
                .count { !$0.hasPrefix("#") }
        }
        let all = lines()
        snapshot.workloads = []
        return all - lines()
    }

    /// Every level of "How many series" in docs/operations.md, with one zone.
    @Test(arguments: WorkloadKind.all.filter { !$0.isSum }.map(\.name))
    func aWorkloadHasAsManySeriesAsTheDocumentSays(_ name: String) throws {
        let kind = try #require(WorkloadKind.all.first { $0.name == name })
        let hasNames = ["container", "pod", "job", "unit", "vm"].contains(name)
        let bare = series(kind)
        #expect(bare == 1 + (hasNames ? 7 : 6))
        #expect(series(kind) { $0.sharedCoreSeconds = 1 } == bare + 1)
        #expect(series(kind) { $0.events = ["cycles": 1, "instructions": 1, "cache_misses": 1] } == bare + 3)
        #expect(series(kind) { $0.cpuSecondsByClass = ["performance": 1, "efficiency": 1] } == bare + 2)
        #expect(series(kind) { $0.waitCounts = Array(repeating: 1, count: 16) } == bare + 18)
        // What has no cgroup of its own has none of its files.
        guard name != "namespace" else { return }
        let throttled = series(kind) {
            $0.throttledSeconds = 1
            $0.throttledPeriods = 1
        }
        #expect(throttled == bare + 2)
        let pressure: NamedValues = ["cpu": 1.0, "memory": 1, "memory.full": 1, "io": 1, "io.full": 1]
        #expect(series(kind) { $0.pressureSeconds = pressure } == bare + 5)
    }

    @Test func theRestHasAsManySeriesAsTheDocumentSays() {
        var snapshot = sampleSnapshot()
        snapshot.workloads = []
        snapshot.node.system.cpuSeconds = 1
        snapshot.node.unattributed.cpuSeconds = 1
        snapshot.node.zones[0].attribution = Snapshot.Attribution(method: "cpu-time", reason: "because")
        snapshot.cpus = [Snapshot.CPUTime(cpu: 0, idle: 1, iowait: 1, irq: 1, softirq: 1, steal: 1)]
        func count(_ levels: Set<MetricSelection.Level>) -> Int {
            var selection = MetricSelection()
            selection.levels = levels
            return snapshot.metrics(selection).reduce(0) { $0 + $1.samples.count }
        }
        // The modes of CPU time are always told.
        let agent = count([])
        #expect(count([.node]) - agent == 11 + 26 - 5)
        snapshot.node.zones[0].powerLowWatts = 1
        snapshot.node.zones[0].powerHighWatts = 3
        #expect(count([.node]) - agent == 11 + 26 - 5 + 2)
        snapshot.aggregates = ["owner", "label"].map { kind in
            Snapshot.Aggregate(
                kind: kind, name: "a", pods: 1, cpuSeconds: 1, cpuUsage: 1, contextSwitches: nil, powerWatts: 1,
                emissionsGrams: 1, zones: ["package-0": .init(dynamicMicrojoules: 1, staticMicrojoules: 0)], labels: [:]
            )
        }
        #expect(count([.owner]) - agent == 4 && count([.label]) - agent == 4)
        snapshot.commands = [
            Snapshot.Command(
                comm: "c", workloadId: "w", cpuSeconds: 1, powerWatts: 0, emissionsGrams: 0,
                zones: ["package-0": .init(dynamicMicrojoules: 1, staticMicrojoules: 0)])
        ]
        #expect(count([.process]) - agent == 4)
    }

    /// Its counters stay as they are, for every scraper to see; it requests nothing any more, and no name is missing.
    @Test func whatHasEndedKeepsItsCounters() throws {
        var snapshot = fullSnapshot()
        let pod = try #require(snapshot.workloads.firstIndex { $0.labels["k8s.pod.cpu.request"] != nil })
        let unnamed = try #require(snapshot.workloads.firstIndex { $0.id == "pod:unnamed" })
        func lines(_ prefix: String, _ label: String = "") -> [Substring] {
            String(decoding: snapshot.exposition(), as: UTF8.self).split(separator: "\n")
                .filter { $0.hasPrefix(prefix) && $0.contains(label) }
        }
        let energy = lines("energyd_pod_energy_joules_total", #"k8s_pod_name="web-7d9c""#)
        #expect(!energy.isEmpty && lines("k8s_pod_cpu_request").count == 1)
        #expect(
            lines("energyd_workloads_unnamed") == [
                #"energyd_workloads_unnamed{kind="pod"} 1"#, #"energyd_workloads_unnamed{kind="container"} 1"#,
            ])
        snapshot.workloads[pod].isAlive = false
        snapshot.workloads[unnamed].isAlive = false
        #expect(lines("energyd_pod_energy_joules_total", #"k8s_pod_name="web-7d9c""#) == energy)
        #expect(lines("k8s_pod_cpu_request").isEmpty && lines("k8s_pod_memory_request").isEmpty)
        #expect(lines("energyd_workloads_unnamed").first == #"energyd_workloads_unnamed{kind="pod"} 0"#)
    }

    /// A name that comes is another series; what waits for it has none, nor have its processes.
    @Test func whatAwaitsItsNameHasNoSeries() throws {
        var selection = MetricSelection()
        selection.kepler = .current
        func lines(_ snapshot: Snapshot) -> [Substring] {
            String(decoding: snapshot.exposition(selection), as: UTF8.self).split(separator: "\n")
        }
        var snapshot = sampleSnapshot()
        snapshot.commands = [
            Snapshot.Command(
                comm: "nginx", workloadId: "container:abc", cpuSeconds: 1, powerWatts: 0, emissionsGrams: 0,
                zones: ["package-0": .init(dynamicMicrojoules: 1, staticMicrojoules: 0)])
        ]
        func count(_ prefix: String, _ label: String) -> Int {
            lines(snapshot).count { $0.hasPrefix(prefix) && $0.contains(label) }
        }
        #expect(count("energyd_container_", #"container_id="abc""#) > 0 && count("energyd_process_", "nginx") > 0)
        #expect(count("kepler_container_", #"container_id="abc""#) > 0)
        snapshot.workloads[1].isAwaitingName = true
        #expect(count("energyd_container_", #"container_id="abc""#) == 0 && count("energyd_process_", "nginx") == 0)
        #expect(count("kepler_container_", #"container_id="abc""#) == 0)
        #expect(count("energyd_pod_", #"k8s_pod_uid="u""#) > 0)
        // It counts towards the node meanwhile.
        #expect(count("energyd_node_part_energy_joules_total", #"part="workloads"} 4.000001"#) == 1)
    }

    private func attributes(_ snapshot: Snapshot, _ words: String...) throws -> [String: [String]] {
        var unknown = ""
        var selection = MetricSelection()
        selection.labels = try #require(LabelSelection(words: words, unknown: &unknown), "\(unknown)")
        return Dictionary(
            uniqueKeysWithValues: snapshot.metrics(selection).compactMap { family in
                family.samples.first.map { (family.metric.name, $0.attributes.map(\.name)) }
            })
    }

    /// The name of the node, where targets have no such label, is on whatever is a workload's or a sum's; names of processes
    /// have the names of their workload, as far as they are selected.
    @Test func everyKindFollowsTheSelection() throws {
        let all = try attributes(fullSnapshot(), "k8s.node.name")
        for kind in WorkloadKind.all {
            let names = try #require(all["energyd.\(kind.name).power"])
            #expect(names.contains("k8s.node.name") && !names.contains("k8s.pod.name"), "\(kind.name): \(names)")
        }
        let process = "energyd.process.cpu.time"
        var snapshot = fullSnapshot()
        snapshot.commands[0].workloadId = try #require(
            snapshot.workloads.first { $0.labels["k8s.container.name"] != nil }?.id)
        #expect(try attributes(snapshot, "k8s.node.name")[process] == ["process.executable.name", "workload"])
        #expect(
            try attributes(snapshot, "k8s.pod.name")[process]
                == ["process.executable.name", "k8s.pod.name", "workload"])
        #expect(try attributes(snapshot, "default")[process]?.contains("k8s.namespace.name") == true)
    }

    /// Rendered labels are kept as long as they are shown, and no longer.
    @Test func labelsAreRenderedOnce() {
        let cache = AttributeCache()
        var snapshot = sampleSnapshot()
        func rows(_ kind: String) -> [Exposition.Row] { Exposition(snapshot, MetricSelection(), cache).rows(kind) }
        weak let container = rows("container").first?.entry
        weak let pod = rows("pod").first?.entry
        #expect(container != nil && pod != nil)
        #expect(rows("container").first?.entry === container)
        snapshot.workloads.remove(at: 1)
        #expect(rows("pod").first?.entry === pod)
        #expect(container == nil && rows("pod").first?.entry === pod)
        snapshot.workloads[0].labels["k8s.pod.name"] = "web"
        #expect(rows("pod").first?.labels.pairs.first?.value == "web")
    }

    /// They make lines longer or shorter.
    @Test func labelsAddNoSeries() {
        func count(_ labels: LabelSelection) -> Int {
            var selection = MetricSelection()
            selection.labels = labels
            return fullSnapshot().metrics(selection).reduce(0) { $0 + $1.samples.count }
        }
        var unknown = ""
        #expect(count(.none) == count(.standard))
        #expect(LabelSelection(words: LabelSelection.known, unknown: &unknown).map(count) == count(.standard))
    }

    /// What the engine has no figures for has no place in the catalogue.
    @Test func aNamespaceHasNoFilesOfACgroup() {
        let names = MetricCatalog.all.map(\.prometheusName).filter { $0.hasPrefix("energyd_namespace_") }
        #expect(names.contains("energyd_namespace_context_switches_total"))
        #expect(!names.contains { $0.contains("throttled") || $0.contains("pressure") })
    }
}

import Engine
import Glibc
import Ledger
import Linux
import Names
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport
import Testing

/// Names that arrive in time, late, or never, and the sums that depend on them.
@Suite struct NamingTests {
    private let host: FakeHost
    private let logs: TemporaryDirectory

    init() throws {
        host = try FakeHost()
        logs = try TemporaryDirectory()
        for name in ["pods", "containers"] { mkdir("\(logs.path)/\(name)", 0o755) }
    }

    /// An engine that has seen the machine at rest: what is drawn from then on is dynamic.
    private func makeEngine(_ configure: (inout EngineConfiguration) -> Void) throws -> Engine {
        let engine = try host.makeEngine(configure: configure)
        try host.draw("intel-rapl:0", microjoules: 10)
        _ = try host.tick(engine)
        return engine
    }

    private func uid(_ number: Int) -> String { "0c3e8a52-1111-4222-8333-\(100_000_000_000 + number)" }
    private func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "e", count: 64 - digits.count) + digits
    }
    private func pod(_ number: Int) -> String { "/kubepods/pod\(uid(number))" }

    private func makePod(_ number: Int) throws {
        if host.usage["/kubepods"] == nil { try host.makeCgroup("/kubepods") }
        try host.makeCgroup(pod(number))
        try host.makeCgroup("\(pod(number))/\(id(number))")
    }

    private func name(_ number: Int, namespace: String, pod: String = "web", container: String = "app") {
        mkdir("\(logs.path)/pods/\(namespace)_\(pod)_\(uid(number))", 0o755)
        symlink("x", "\(logs.path)/containers/\(pod)_\(namespace)_\(container)-\(id(number)).log")
    }

    /// Runs a pod's container for a while and ticks.
    private func run(_ engine: Engine, _ numbers: Int...) throws -> Snapshot {
        for number in numbers { try host.run("\(pod(number))/\(id(number))", microseconds: 1000) }
        try host.draw("intel-rapl:0", microjoules: 1_000_000)
        return try host.tick(engine)
    }

    private func joules(_ workload: Snapshot.Workload?) -> UInt64 {
        workload?.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules } ?? 0
    }

    private func find(_ snapshot: Snapshot, _ id: String) -> Snapshot.Workload? {
        snapshot.workloads.first { $0.id == id }
    }

    @Test func aLateNameRenamesAndTakesThePastAlong() throws {
        let engine = try makeEngine { $0.paths.logs = logs.path }
        try makePod(1)
        let before = try run(engine, 1)
        let unnamed = try #require(find(before, "pod:\(uid(1))"))
        #expect(unnamed.name == uid(1) && unnamed.parentId == nil && joules(unnamed) > 0)
        #expect(!before.workloads.contains { $0.kind == "namespace" })

        name(1, namespace: "shop")
        let after = try run(engine, 1)
        let pod = try #require(find(after, "pod:\(uid(1))"))
        let namespace = try #require(find(after, "namespace:shop"))
        #expect(pod.name == "web" && pod.parentId == namespace.id && namespace.parentId == nil)
        #expect(joules(pod) > joules(unnamed) && joules(namespace) == joules(pod))
        #expect(namespace.name == "shop" && namespace.cpuSeconds == pod.cpuSeconds)
        let container = try #require(find(after, "container:\(id(1))"))
        #expect(container.name == "app" && container.labels["k8s.pod.name"] == "web")
        #expect(after.workloads.count { $0.kind == "container" } == 1)
        for zone in after.node.zones { #expect(after.conservationError(of: zone) == 0) }
    }

    /// Series of the pod and its container in one zone, without values.
    private func series(_ snapshot: Snapshot) -> Set<String> {
        let lines = String(decoding: snapshot.exposition(), as: UTF8.self).split(separator: "\n")
        return Set(
            lines.filter { $0.hasPrefix("energyd_pod_energy") || $0.hasPrefix("energyd_container_energy") }
                .filter { $0.contains("package-0") }
                .compactMap { line in line.lastIndex(of: "}").map { String(line[...$0]) } })
    }

    /// No series begins under an id and continues under a name, and nothing of what was used meanwhile is missing.
    @Test func whatAwaitsItsNameHasNoSeries() throws {
        let engine = try makeEngine { $0.paths.logs = logs.path }
        try makePod(1)
        let before = try run(engine, 1)
        #expect(find(before, "pod:\(uid(1))")?.isAwaitingName == true && series(before).isEmpty)
        name(1, namespace: "shop")
        let after = try run(engine, 1)
        let pod = try #require(find(after, "pod:\(uid(1))"))
        #expect(pod.isAwaitingName == nil && joules(pod) > joules(find(before, pod.id)))
        #expect(
            series(after) == [
                "energyd_pod_energy_joules_total{k8s_namespace_name=\"shop\",k8s_pod_name=\"web\",k8s_pod_uid=\"\(uid(1))\","
                    + "zone=\"package-0\",mode=\"dynamic\"}",
                "energyd_container_energy_joules_total{k8s_namespace_name=\"shop\",k8s_pod_name=\"web\","
                    + "k8s_container_name=\"app\",container_id=\"\(id(1))\",k8s_pod_uid=\"\(uid(1))\",zone=\"package-0\","
                    + "mode=\"dynamic\"}",
            ])
        var selection = MetricSelection()
        selection.zeroTime = .zero
        let family = after.metrics(selection).first { $0.metric.name == "energyd.pod.energy" }
        #expect(family?.samples.first?.value == .millionths(joules(pod)))
    }

    @Test func withoutANameItIsShownByItsIdAfterAWhile() throws {
        let engine = try makeEngine {
            $0.paths.logs = logs.path
            $0.nameWait = .seconds(3)
        }
        try makePod(1)
        #expect(try (0..<3).allSatisfy { _ in try series(run(engine, 1)).isEmpty })
        let late = try run(engine, 1)
        #expect(series(late).count == 2 && find(late, "pod:\(uid(1))")?.isAwaitingName == nil)
        #expect(series(late).allSatisfy { $0.contains(uid(1)) && !$0.contains("k8s_pod_name") })
    }

    /// A container of Docker's where Docker is not read, as by default.
    @Test func whatNothingCanNameIsNotWaitedFor() throws {
        let engine = try makeEngine { $0.paths.logs = logs.path }
        let path = "/system.slice/docker-\(id(1)).scope"
        for directory in ["/system.slice", path] { try host.makeCgroup(directory) }
        try host.run(path, microseconds: 1000)
        try host.draw("intel-rapl:0", microjoules: 1_000_000)
        let snapshot = try host.tick(engine)
        #expect(try #require(find(snapshot, "container:\(id(1))")).isAwaitingName == nil)
        #expect(series(snapshot).contains { $0.contains(id(1)) })
    }

    @Test func aNamespaceKeepsWhatItsPodsUsed() throws {
        let engine = try makeEngine {
            $0.paths.logs = logs.path
            $0.retention = .seconds(1)
        }
        for number in 1...2 {
            try makePod(number)
            name(number, namespace: "shop")
        }
        let full = try run(engine, 1, 2)
        let whole = joules(find(full, "namespace:shop"))
        #expect(whole == joules(find(full, "pod:\(uid(1))")) + joules(find(full, "pod:\(uid(2))")))
        host.removeCgroup(pod(1))
        for _ in 0..<4 { _ = try run(engine, 2) }
        let after = try run(engine, 2)
        #expect(find(after, "pod:\(uid(1))") == nil)
        let namespace = try #require(find(after, "namespace:shop"))
        #expect(namespace.isAlive && joules(namespace) > whole)
        #expect(joules(namespace) > joules(find(after, "pod:\(uid(2))")))
        for zone in after.node.zones { #expect(after.conservationError(of: zone) == 0) }
        // The last pod goes, then the namespace; the sum stays.
        host.removeCgroup(pod(2))
        var last = after
        for _ in 0..<8 {
            last = try run(engine)
        }
        #expect(find(last, "namespace:shop") == nil && joules(find(last, "ended")) >= joules(namespace))
        for zone in last.node.zones { #expect(last.conservationError(of: zone) == 0) }
    }

    /// A pod that is made again under the same name is another pod; only the namespace adds them up.
    @Test func oneNameTwiceIsTwoWorkloads() throws {
        let engine = try makeEngine { $0.paths.logs = logs.path }
        try makePod(1)
        name(1, namespace: "shop", pod: "db-0")
        let first = try run(engine, 1)
        // Before the other goes, or the file system would use its inodes again, which the kernel's cgroups never do.
        try makePod(2)
        host.removeCgroup(pod(1))
        name(2, namespace: "shop", pod: "db-0")
        let snapshot = try run(engine, 2)
        let pods = snapshot.workloads.filter { $0.kind == "pod" }
        #expect(pods.map(\.name) == ["db-0", "db-0"] && Set(pods.map(\.id)).count == 2)
        #expect(joules(pods.first { $0.id == "pod:\(uid(1))" }) == joules(find(first, "pod:\(uid(1))")))
    }

    /// A pod that started and ended between two ticks, with its log directory, is still named.
    @Test func theNameOfAPodOfAnInstant() throws {
        let engine = try makeEngine { $0.paths.logs = logs.path }
        _ = try run(engine)
        try makePod(1)
        name(1, namespace: "shop")
        rmdir("\(logs.path)/pods/shop_web_\(uid(1))")
        unlink("\(logs.path)/containers/web_shop_app-\(id(1)).log")
        let snapshot = try run(engine, 1)
        #expect(find(snapshot, "pod:\(uid(1))")?.name == "web")
        #expect(find(snapshot, "container:\(id(1))")?.name == "app")
    }

    @Test func withoutLinksALoneContainerIsGuessedAndTwoAreNot() throws {
        rmdir("\(logs.path)/containers")
        let engine = try makeEngine { $0.paths.logs = logs.path }
        try makePod(1)
        mkdir("\(logs.path)/pods/shop_web_\(uid(1))", 0o755)
        _ = try run(engine, 1)
        mkdir("\(logs.path)/pods/shop_web_\(uid(1))/app", 0o755)
        #expect(find(try run(engine, 1), "container:\(id(1))")?.name == "app")
        try host.makeCgroup("\(pod(1))/\(id(99))")
        let two = try run(engine, 1)
        #expect(find(two, "container:\(id(1))")?.name == "eeeeeeeeeeee")
        #expect(find(two, "container:\(id(99))")?.name == "eeeeeeeeeeee")
        host.removeCgroup("\(pod(1))/\(id(99))")
        #expect(find(try run(engine, 1), "container:\(id(1))")?.labels["k8s.container.name"] == nil)
    }

    @Test func ownersAndLabelsAddUpAndOnlyGrow() throws {
        let feed = NameFeed()
        let engine = try makeEngine {
            $0.names = feed
            $0.rollUps = RollUpDimensions(labels: ["team"])
        }
        func tell(_ number: Int, team: String?) {
            var facts = ["k8s.namespace.name": "shop", "k8s.owner.kind": "Deployment", "k8s.owner.name": "web"]
            facts["k8s.pod.label.team"] = team
            facts["k8s.pod.label.other"] = "x"
            feed.publish([.init(.pod(uid(number)), source: .kubernetes, facts: facts)])
        }
        func aggregate(_ snapshot: Snapshot, _ name: String) -> Snapshot.Aggregate? {
            snapshot.aggregates?.first { $0.name == name }
        }
        func joules(_ aggregate: Snapshot.Aggregate?) -> UInt64 {
            aggregate?.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules } ?? 0
        }
        for number in 1...2 { try makePod(number) }
        let unnamed = try run(engine, 1, 2)
        #expect(unnamed.aggregates == nil && unnamed.agent.aggregatedBy == ["owner", "label:team"])
        tell(1, team: "pay")
        tell(2, team: nil)
        let one = try run(engine, 1, 2)
        let pods = one.workloads.filter { $0.kind == "pod" }
        #expect(joules(aggregate(one, "shop/Deployment/web")) == pods.reduce(0) { $0 + self.joules($1) })
        #expect(joules(aggregate(one, "team/pay")) == self.joules(find(one, "pod:\(uid(1))")))
        #expect(one.aggregates?.count == 2)
        // Another team: what was used stays with the first, even when the label is back.
        tell(1, team: nil)
        _ = try run(engine, 1)
        tell(1, team: "ops")
        let two = try run(engine, 1)
        #expect(joules(aggregate(two, "team/pay")) == joules(aggregate(one, "team/pay")))
        let growth = self.joules(find(two, "pod:\(uid(1))")) - self.joules(find(one, "pod:\(uid(1))"))
        #expect(joules(aggregate(two, "team/ops")) > 0 && joules(aggregate(two, "team/ops")) < growth)
        let text = String(decoding: two.exposition(), as: UTF8.self)
        #expect(
            text.contains(
                "energyd_label_energy_joules_total{energyd_label_name=\"team\",energyd_label_value=\"ops\",zone="))
        #expect(text.contains("energyd_owner_energy_joules_total{k8s_namespace_name=\"shop\",k8s_owner_kind=\"Deplo"))
    }

    /// The energy of ended pods stays with their owner, and is not counted again.
    @Test func ownersAndLabelsContinueAcrossARestart() throws {
        func start() throws -> Engine {
            let feed = NameFeed()
            for number in 1...2 {
                let facts = [
                    "k8s.namespace.name": "shop", "k8s.owner.kind": "Deployment", "k8s.owner.name": "web",
                    "k8s.pod.label.team": "pay",
                ]
                feed.publish([.init(.pod(uid(number)), source: .kubernetes, facts: facts)])
            }
            return try makeEngine {
                $0.names = feed
                $0.rollUps = RollUpDimensions(labels: ["team"])
                $0.stateFile = host.file("state")
            }
        }
        func joules(_ snapshot: Snapshot, _ name: String) -> UInt64 {
            let aggregate = snapshot.aggregates?.first { $0.name == name }
            return aggregate?.zones.values.reduce(0) { $0 + $1.dynamicMicrojoules } ?? 0
        }
        for number in 1...2 { try makePod(number) }
        let first = try start()
        _ = try run(first, 1, 2)
        host.removeCgroup("\(pod(2))/\(id(2))")
        host.removeCgroup(pod(2))
        let before = try run(first, 1)
        let after = try run(start(), 1)
        for name in ["shop/Deployment/web", "team/pay"] {
            #expect(joules(before, name) > 0)
            #expect(joules(after, name) > joules(before, name), "\(name)")
        }
    }

    /// A container whose pod has no cgroup of its own belongs to its namespace directly.
    @Test func aContainerWithoutAPodCgroupFindsItsNamespace() throws {
        let engine = try makeEngine { $0.paths.logs = logs.path }
        let escaped = uid(1).replacing("-", with: "_")
        let path = "/system.slice/kubepods-pod\(escaped).slice:cri-containerd:\(id(1))"
        try host.makeCgroup("/system.slice")
        try host.makeCgroup(path)
        name(1, namespace: "shop")
        _ = try host.tick(engine)
        try host.run(path, microseconds: 1000)
        let snapshot = try run(engine)
        #expect(find(snapshot, "container:\(id(1))")?.parentId == "namespace:shop")
        #expect(find(snapshot, "namespace:shop")?.cpuSeconds == 0.001)
    }

    /// conmon and Kata's shim have cgroups beside the containers: their energy is the pod's, and counted once.
    @Test func whatLooksAfterContainersIsThePods() throws {
        let engine = try makeEngine { $0.paths.logs = logs.path }
        try makePod(1)
        name(1, namespace: "shop")
        let beside = ["\(pod(1))/crio-conmon-\(id(1)).scope", "\(pod(1))/supervisor"]
        for path in beside { try host.makeCgroup(path) }
        _ = try host.tick(engine)
        for path in beside { try host.run(path, microseconds: 3000) }
        let snapshot = try run(engine, 1)
        #expect(find(snapshot, "pod:\(uid(1))")?.cpuSeconds == 0.007)
        #expect(find(snapshot, "namespace:shop")?.cpuSeconds == 0.007)
        #expect(find(snapshot, "container:\(id(1))")?.cpuSeconds == 0.001)
        let conmon = snapshot.workloads.first { $0.cgroupPath == beside[0] }
        #expect(conmon?.kind == "unit" && conmon?.parentId == "pod:\(uid(1))" && conmon?.cpuSeconds == 0.003)
        for zone in snapshot.node.zones { #expect(snapshot.conservationError(of: zone) == 0) }
    }

    /// Whenever workloads start, end and get names: every tick adds up, and no total falls.
    @Test(arguments: [1, 2, 3]) func everyTickAddsUpWhateverIsNamedWhen(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let feed = NameFeed()
        let engine = try makeEngine {
            $0.paths.logs = logs.path
            $0.names = feed
            $0.rollUps = RollUpDimensions(labels: ["team"])
            $0.retention = .seconds(8)
        }
        var living: [Int] = []
        var made = 0
        var before: Snapshot?
        for _ in 0..<80 {
            if Bool.random(using: &random) {
                made += 1
                try makePod(made)
                living.append(made)
            }
            for number in living where Int.random(in: 0..<6, using: &random) == 0 {
                name(number, namespace: "ns\(number % 3)", pod: "p\(number)")
                var facts = ["k8s.namespace.name": "ns\(number % 3)", "k8s.pod.name": "p\(number)"]
                facts["k8s.owner.kind"] = "Job"
                facts["k8s.owner.name"] = "j\(number % 4)"
                facts["k8s.pod.label.team"] =
                    Bool.random(using: &random) ? "t\(Int.random(in: 0...2, using: &random))" : nil
                feed.publish([.init(.pod(uid(number)), source: .kubernetes, facts: facts)])
            }
            if living.count > 6, let victim = living.randomElement(using: &random) {
                host.removeCgroup(pod(victim))
                living.removeAll { $0 == victim }
                // The file system would use the inodes again, which the kernel's cgroups never do.
                try host.makeCgroup("/keep\(victim)")
                try host.makeCgroup("/keep\(victim)/x")
            }
            for number in living where Bool.random(using: &random) {
                try host.run("\(pod(number))/\(id(number))", microseconds: .random(in: 1...400, using: &random))
            }
            let snapshot = try run(engine)
            for zone in snapshot.node.zones { #expect(snapshot.conservationError(of: zone) == 0) }
            let children = Dictionary(grouping: snapshot.workloads.filter { $0.parentId != nil }) { $0.parentId ?? "" }
            for workload in snapshot.workloads {
                #expect(joules(workload) >= (children[workload.id] ?? []).reduce(0) { $0 + joules($1) })
                guard let old = before.flatMap({ find($0, workload.id) }) else { continue }
                #expect(joules(workload) >= joules(old) && workload.cpuSeconds >= old.cpuSeconds, "\(workload.id)")
            }
            for old in before?.aggregates ?? [] {
                guard let same = snapshot.aggregates?.first(where: { $0.name == old.name }) else { continue }
                #expect(same.cpuSeconds >= old.cpuSeconds, "\(old.name)")
            }
            before = snapshot
        }
        let last = try #require(before)
        #expect(last.workloads.contains { $0.kind == "namespace" } && last.aggregates?.isEmpty == false)
    }
}

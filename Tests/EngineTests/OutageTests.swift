import Accounting
import Attribution
import Impact
import Names
import TestSupport
import Testing
import Units

@testable import Engine
@testable import Ledger

/// Kubernetes does not answer for an hour of virtual time, second by second: one ledger gets the responses, another
/// does not, and both see the same pods start, run and end.
@Suite struct OutageTests {
    private static let seconds = 3600
    /// Time between two replacements of a pod, s.
    private static let churn = 15
    private static let zones = 2

    /// What happened in one second.
    private struct Second {
        var created: [(id: UInt64, path: String)] = []
        var usage: [AccountingSample.Usage] = []
        var removed: [UInt64] = []
        /// By zone, uJ.
        var energy: [UInt64] = []
        /// The names in the kubelet's log directories from now on.
        var named: [(key: NameKey, facts: [String: String])] = []
        var unnamed: [NameKey] = []
    }

    /// A ledger with its names, brought up to date as the engine does it.
    private struct Node {
        let names = ScriptedNames()
        var ledger = Ledger(retention: 600, retentionLimit: 1000)
        private var naming: Naming

        init() {
            naming = Naming(names, dimensions: RollUpDimensions(labels: ["team"]), wait: 15, hasPods: true)
        }

        /// The API server answers.
        func answer(_ pods: [(key: NameKey, facts: [String: String])]) {
            for pod in pods { names.tell(pod.facts, of: pod.key, from: .kubernetes) }
        }

        mutating func tick(_ second: Second, at now: Double) {
            for (key, facts) in second.named { names.tell(facts, of: key) }
            for key in second.unnamed { names.withdraw(key) }
            ledger.beginWindow()
            for (id, path) in second.created { ledger.add(cgroup: id, path: path) }
            naming.update(&ledger, at: now)
            for usage in second.usage { ledger.use(usage, isBase: false) }
            for id in second.removed { ledger.remove(cgroup: id, at: now) }
            for id in second.removed { ledger.forget(cgroup: id) }
            var (used, weights): ([WorkloadUsage], [UInt64]) = ([], [])
            ledger.usage(hasClasses: false, hasEvents: false, policy: .none, into: &used, weights: &weights)
            for (zone, energy) in second.energy.enumerated() {
                var (shares, none): ([UInt64], [UInt64]) = ([], [])
                _ = apportion(Microjoules(energy), by: used.map(\.cpuNanoseconds), into: &shares)
                ledger.credit(dynamic: &shares, static: &none, zone: zone)
            }
            ledger.endWindow(Rates(gramsPerKilowattHour: 400, pue: 1))
            ledger.retire(at: now)
            ledger.forgetChanges()
        }

        /// Of owners or labels, all together.
        func joules(ofGroups prefix: String) -> UInt64 {
            ledger.rollUps.saved().filter { $0.dimension.hasPrefix(prefix) }.reduce(0) { $0 + total($1.totals) }
        }

        func joules(of key: String) -> UInt64 {
            ledger.tree.id(ofKey: key).map { total(ledger.totals(of: $0)) } ?? 0
        }

        /// All that was handed out.
        var joules: UInt64 {
            ledger.tree.ids.filter { ledger.tree.parent(of: $0) == nil }
                .reduce(0) { $0 + total(ledger.totals(of: $1)) }
        }

        private func total(_ totals: Totals) -> UInt64 {
            (0..<totals.zoneCount).reduce(0) { $0 + totals.dynamicEnergy($1) }
        }

        /// Every workload by its key, what it used and the key of its parent.
        var workloads: [String: Shown] {
            var result: [String: Shown] = [:]
            for id in ledger.tree.ids {
                guard let workload = ledger.tree[id] else { continue }
                let parent = ledger.tree.parent(of: id).flatMap { ledger.tree[$0]?.key }
                result[workload.key] = Shown(totals: ledger.totals(of: id), parent: parent)
            }
            return result
        }
    }

    private struct Shown: Equatable {
        var totals: Totals
        var parent: String?
    }

    private func uid(_ number: Int) -> String { "0c3e8a52-1111-4222-8333-\(100_000_000_000 + number)" }
    private func id(_ number: Int) -> String { String(repeating: "e", count: 56) + "\(10_000_000 + number)" }
    /// The cgroups of a pod and of its container.
    private func cgroups(_ number: Int) -> [UInt64] { [UInt64(number * 2 + 10), UInt64(number * 2 + 11)] }

    private func start(_ number: Int, _ second: inout Second) {
        let pod = "/kubepods/pod\(uid(number))"
        second.created += zip(cgroups(number), [pod, "\(pod)/\(id(number))"]).map { (id: $0, path: $1) }
        let facts = ["k8s.namespace.name": "ns\(number % 3)", "k8s.pod.name": "web-\(number)"]
        second.named.append((.pod(uid(number)), facts))
        second.named.append((.container(id(number)), facts.merging(["k8s.container.name": "app"]) { $1 }))
    }

    private func end(_ number: Int, _ second: inout Second) {
        second.removed += cgroups(number)
        second.unnamed += [.pod(uid(number)), .container(id(number))]
    }

    /// What the API server returns for a pod.
    private func answer(_ number: Int) -> (key: NameKey, facts: [String: String]) {
        let facts = [
            "k8s.namespace.name": "ns\(number % 3)", "k8s.pod.name": "web-\(number)",
            "k8s.owner.kind": "Deployment", "k8s.owner.name": "web-\(number % 2)",
            "k8s.pod.label.team": "team-\(number % 2)",
        ]
        return (.pod(uid(number)), facts)
    }

    @Test func anHourOfItChangesNoJoule() throws {
        var random = SeededGenerator(seed: 7)
        var answered = Node()
        var unanswered = Node()
        var now = 0.0
        var drawn: UInt64 = 0
        var used: [Int: UInt64] = [:]
        func pass(_ second: Second, running: [Int]) {
            var second = second
            for number in running {
                used[number, default: 0] += .random(in: 1...900_000_000, using: &random)
                let counters = UsageCounters(cpuNanoseconds: used[number] ?? 0)
                second.usage.append(AccountingSample.Usage(cgroup: cgroups(number)[1], counters: counters))
            }
            second.energy = (0..<Self.zones).map { _ in .random(in: 0...60_000_000, using: &random) }
            drawn += second.energy.reduce(0, +)
            now += 1
            answered.tick(second, at: now)
            unanswered.tick(second, at: now)
        }
        // Two pods that stay, one of each owner and label, known before the outage.
        var first = Second(created: [(1, "/kubepods")])
        for number in 0...1 { start(number, &first) }
        for node in [answered, unanswered] { node.answer((0...1).map(answer)) }
        pass(first, running: [0, 1])

        var newest = 1
        var unreported: UInt64 = 0
        for moment in 0..<Self.seconds {
            var second = Second()
            let gone = moment % Self.churn == 0 && newest > 1 ? newest : nil
            if let gone { end(gone, &second) }
            if moment % Self.churn == 0 {
                newest += 1
                start(newest, &second)
                answered.answer([answer(newest)])
            }
            pass(second, running: [moment % 2, newest])
            // Not in the expectation, whose failure would print both ledgers.
            let hasSame = answered.workloads == unanswered.workloads
            try #require(hasSame, "after \(moment) s")
            try #require(unanswered.joules == drawn, "after \(moment) s")
            // The API server never reports these.
            if let gone { unreported += unanswered.joules(of: "pod:\(uid(gone))") }
        }
        #expect(newest == 1 + Self.seconds / Self.churn && unanswered.workloads.count < newest)

        // The server answers again: all running pods.
        unanswered.answer([0, 1, newest].map(answer))
        pass(Second(), running: [0, newest])
        let hasSame = answered.workloads == unanswered.workloads
        #expect(hasSame && unanswered.joules == drawn)
        // Owners and labels have what their pods used meanwhile, except those that were never reported.
        for kind in ["owner", "label:team"] {
            let (with, without) = (answered.joules(ofGroups: kind), unanswered.joules(ofGroups: kind))
            #expect(
                unreported > 0 && without > 0 && with - without == unreported,
                "\(kind): \(with), \(without), \(unreported)")
        }
    }
}

import Accounting
import Attribution
import History
import Linux
import Snapshot
import TestSupport
import Testing

/// A real engine in virtual time, its snapshots recorded and stored: what the history adds up to is what the counters grew
/// by.
@Suite struct HistoryOfAnEngineTests {
    @Test func sumsAreTheGrowthOfTheCounters() throws {
        let directory = try TemporaryDirectory()
        let settings = HistorySettings(path: directory.path + "/history.db")
        let store = try HistoryStore(settings)
        let node = try ScriptedNode(isMetered: true, policy: .equal)
        var random = SeededGenerator(seed: 11)
        var recorder = HistoryRecorder()
        var pods: [(cgroup: UInt64, end: Int)] = []
        var last: Snapshot?
        node.announce(
            .init(
                uid: ScriptedNode.id.webPod, container: ScriptedNode.id.web, namespace: "shop",
                name: "web-7d9f8b6c5d-x2x4z", owner: "web", team: "checkout"))
        // More than an hour, in which a pod comes every minute and lives for up to two.
        for tick in 0..<280 {
            if tick % 4 == 3 {
                let number = UInt64(tick)
                let uid = "0c3e8a52-1111-4222-8333-\(100_000_000_000 + tick)"
                let container = String(repeating: "e5", count: 29) + "\(100_000 + tick)"
                let path =
                    "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
                    + uid.replacing("-", with: "_") + ".slice"
                node.kernel.next.created += [
                    AccountingSample.Cgroup(id: 1000 + 2 * number, path: path),
                    AccountingSample.Cgroup(id: 1001 + 2 * number, path: path + "/cri-containerd-\(container).scope"),
                ]
                node.announce(
                    .init(
                        uid: uid, container: container, namespace: "batch", name: "job-29012345-\(tick)", owner: "job",
                        team: "data"))
                pods.append((1001 + 2 * number, tick + Int.random(in: 1...8, using: &random)))
            }
            for pod in pods {
                node.kernel.run(pod.cgroup, milliseconds: UInt64.random(in: 0...2000, using: &random))
            }
            for pod in pods where pod.end == tick {
                node.kernel.next.removed += [pod.cgroup, pod.cgroup - 1]
                node.kernel.next.forgotten += [pod.cgroup, pod.cgroup - 1]
            }
            pods.removeAll { $0.end == tick }
            let snapshot = try node.tick(after: 15, load: UInt64.random(in: 0...3, using: &random))
            last = snapshot
            if let minute = recorder.take(snapshot) { try store.append(minute) }
        }
        if let minute = recorder.finish() { try store.append(minute) }

        let snapshot = try #require(last)
        #expect(snapshot.node.zones.filter { $0.energyMicrojoules > 0 }.count > 1)
        let reader = try HistoryReader(path: settings.path)
        let answer = try reader.answer(since: 0, until: #require(try reader.span()).upperBound)
        for zone in snapshot.node.zones {
            // A zone is there once for each quality that it had.
            let places = answer.zones.indices.filter { answer.zones[$0].name == zone.name }
            let sum = answer.rows.reduce(0) { sum, row in places.reduce(sum) { $0 + row.usage.energy[$1].sum } }
            #expect(sum == Int64(zone.energyMicrojoules), "\(zone.name)")
        }
        for (part, bucket) in [
            (HistoryWorkload.Part.idle, snapshot.node.idle), (.system, snapshot.node.system),
            (.unattributed, snapshot.node.unattributed),
        ] {
            let row = answer.rows.first { $0.workload.part == part }
            let sum = row?.usage.energy.reduce(0) { $0 + $1.sum } ?? 0
            #expect(sum == bucket.zones.values.reduce(0) { $0 + Int64($1) }, "\(part)")
        }
        // The namespace's own counters; those of the other one began anew whenever it had no pods.
        for namespace in snapshot.workloads.filter({ $0.kind == "namespace" && $0.name == "shop" }) {
            let rows = answer.rows.filter { $0.workload.namespace == namespace.name }
            let sum = rows.reduce(0) { $0 + $1.usage.energy.reduce(0) { $0 + $1.sum } }
            let counted = namespace.zones.reduce(0) { $0 + Int64($1.1.dynamicMicrojoules + $1.1.staticMicrojoules) }
            #expect(sum == counted, "\(namespace.name)")
            let seconds = rows.reduce(0) { $0 + $1.usage.cpuMicroseconds }
            #expect(abs(Double(seconds) / 1e6 - namespace.cpuSeconds) < 1e-4)
            let grams = rows.reduce(0) { $0 + ($1.usage.emissionsMicrograms ?? 0) }
            #expect(abs(Double(grams) / 1e6 - (namespace.emissionsGrams ?? 0)) < 1e-3)
        }
        #expect(snapshot.workloads.contains { $0.kind == "namespace" && $0.name == "shop" })
        #expect(answer.rows.contains { $0.workload.namespace == "batch" })
        #expect(answer.rows.contains { $0.workload.pod == "web-*" })
        // What containers use is their pods' owner's.
        let used = answer.rows.filter { $0.workload.kind == "container" && $0.workload.namespace == "batch" }
        #expect(
            !used.isEmpty && used.allSatisfy { $0.workload.ownerName == "job" && $0.workload.labels["team"] == "data" })
        #expect(try reader.verify().problems == [])
    }
}

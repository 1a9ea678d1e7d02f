import FoundationEssentials
import Names
import TestSupport
import Testing

@testable import Kubernetes

@Suite struct PodTests {
    private let configuration: KubernetesConfiguration = {
        var configuration = KubernetesConfiguration(
            source: .api, url: "https://x/", nodeName: "n", tokenFile: "", authorityFile: "")
        configuration.labels = ["team", "app.kubernetes.io/name"]
        configuration.annotations = ["cost"]
        return configuration
    }()

    private func decode(_ text: String) throws -> Pod {
        try JSONDecoder().decode(Pod.self, from: Data(text.utf8))
    }

    @Test func everythingThatIsAllowedIsTakenOver() throws {
        let id = String(repeating: "ab12", count: 16)
        let pod = try decode(
            """
            {"metadata": {"name": "web-7d4f9-x", "namespace": "shop", "uid": "u1",
              "labels": {"team": "pay", "secret": "no", "pod-template-hash": "7d4f9", "app.kubernetes.io/name": "web"},
              "annotations": {"cost": "7", "other": "no"},
              "ownerReferences": [{"kind": "ReplicaSet", "name": "web-7d4f9", "controller": true, "uid": "r"}]},
             "spec": {"nodeName": "n",
              "containers": [{"name": "app", "resources": {"requests": {"cpu": "250m", "memory": "128Mi"}}},
                             {"name": "b", "resources": {"requests": {"cpu": 1}}}],
              "initContainers": [{"name": "i", "resources": {"requests": {"cpu": "1"}}},
                                 {"name": "s", "restartPolicy": "Always", "resources": {"requests": {"cpu": "0.5"}}}]},
             "status": {"qosClass": "Burstable",
              "containerStatuses": [{"name": "app", "image": "img", "containerID": "containerd://\(id)"},
                                    {"name": "b", "image": "img"}]}}
            """)
        let updates = pod.updates(configuration, source: .kubernetes)
        #expect(updates.map(\.key) == [.pod("u1"), .container(id)])
        #expect(
            updates[0].facts == [
                "k8s.namespace.name": "shop", "k8s.pod.name": "web-7d4f9-x", "k8s.pod.qos": "Burstable",
                "k8s.owner.kind": "Deployment", "k8s.owner.name": "web", "k8s.pod.cpu.request": "1.75",
                "k8s.pod.memory.request": "134217728", "k8s.pod.label.team": "pay",
                "k8s.pod.label.app.kubernetes.io/name": "web", "k8s.pod.annotation.cost": "7",
            ])
        #expect(updates[1].facts?["k8s.container.name"] == "app" && updates[1].facts?["container.image.name"] == "img")
    }

    @Test(arguments: [
        (#"{"kind":"ReplicaSet","name":"web-abc12","controller":true}"#, "abc12", "Deployment", "web"),
        (#"{"kind":"ReplicaSet","name":"web-abc12","controller":true}"#, "other", "ReplicaSet", "web-abc12"),
        (#"{"kind":"Job","name":"nightly-28234560","controller":true}"#, "", "CronJob", "nightly"),
        (#"{"kind":"Job","name":"import-2","controller":true}"#, "", "Job", "import-2"),
        (#"{"kind":"Job","name":"db-migrate-20251125","controller":true}"#, "", "Job", "db-migrate-20251125"),
        (#"{"kind":"Job","name":"train-12345678","controller":true}"#, "", "Job", "train-12345678"),
        (#"{"kind":"Job","name":"backup-29401440","controller":true}"#, "", "CronJob", "backup"),
        (#"{"kind":"Job","name":"backup-26999999","controller":true}"#, "", "Job", "backup-26999999"),
        (#"{"kind":"Job","name":"backup-40000001","controller":true}"#, "", "Job", "backup-40000001"),
        (#"{"kind":"Job","name":"old-1617235200","controller":true}"#, "", "CronJob", "old"),
        (#"{"kind":"Job","name":"order-9123456789","controller":true}"#, "", "Job", "order-9123456789"),
        (#"{"kind":"Job","name":"x-029401440","controller":true}"#, "", "Job", "x-029401440"),
        (#"{"kind":"Job","name":"-29401440","controller":true}"#, "", "Job", "-29401440"),
        (#"{"kind":"ReplicaSet","name":"-abc12","controller":true}"#, "abc12", "ReplicaSet", "-abc12"),
        (#"{"kind":"ReplicaSet","name":"web-","controller":true}"#, "", "ReplicaSet", "web-"),
        (#"{"kind":"Other","name":"o"},{"kind":"Job","name":"j-1","controller":true}"#, "", "Job", "j-1"),
        (#"{"kind":"StatefulSet","name":"db","controller":true}"#, "", "StatefulSet", "db"),
        (#"{"kind":"StatefulSet","name":"db"}"#, "", nil, nil),
        (#"{"kind":"Disruption","name":"d","controller":false}"#, "", nil, nil),
        (#"{"kind":"Job","name":"import-1795687637","controller":true}"#, "", "Job", "import-1795687637"),
        (#"{"kind":"DaemonSet","name":"agent","controller":true}"#, "", "DaemonSet", "agent"),
        (#"{"kind":"Node","name":"n","controller":true}"#, "", nil, nil),
    ])
    func ownersAreResolved(reference: String, hash: String, kind: String?, name: String?) throws {
        let owner = try decode(
            #"{"metadata":{"labels":{"pod-template-hash":"\#(hash)"},"ownerReferences":[\#(reference)]}}"#
        ).owner
        #expect(owner?.kind == kind && owner?.name == name)
    }

    /// A CronJob's Job starts when it is due, and its pods at most a day later.
    @Test(arguments: [
        ("nightly-29927045", "CronJob"), ("nightly-29927046", "CronJob"), ("nightly-29925700", "CronJob"),
        ("nightly-29927048", "Job"), ("build-28234560", "Job"), ("ticket-39999999", "Job"),
        ("old-1795622700", "CronJob"), ("old-1795622701", "Job"), ("call-1512345660", "Job"),
    ])
    func jobsOfCronJobs(name: String, kind: String) throws {
        let owner = #"[{"kind":"Job","name":"\#(name)","controller":true}]"#
        let pod = try decode(
            #"{"metadata":{"creationTimestamp":"2026-11-25T16:05:30Z","ownerReferences":\#(owner)}}"#)
        #expect(pod.owner?.kind == kind, "\(name)")
    }

    @Test func timestamps() {
        let cases = [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799), ("2026-11-25T16:05:30Z", 1_795_622_730),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ]
        for (text, seconds) in cases { #expect(Pod.seconds(text) == seconds) }
        for text in ["", "2026-11-25", "2026-11-25T16:05:30+1", "2026-13-25T16:05:30Z", "2026-11-25T16:05:30.000000Z"] {
            #expect(Pod.seconds(text) == nil, "\(text)")
        }
    }

    /// The cgroup of a static pod is called after the hash of its manifest.
    @Test func staticPodsAreFoundByTheirHash() throws {
        let pod = try decode(
            #"{"metadata":{"name":"etcd-n","namespace":"kube-system","uid":"u","annotations":{"kubernetes.io/config.mirror":"abc"}}}"#
        )
        #expect(pod.updates(configuration, source: .kubernetes).map(\.key) == [.pod("u"), .pod("abc")])
    }

    @Test(arguments: [
        ("250m", 0.25), ("1.5", 1.5), ("2", 2), ("128Mi", 134_217_728), ("1Gi", 1_073_741_824), ("1e3", 1000),
        ("1E3", 1000), ("5k", 5000), ("100n", 1e-7), ("1G", 1e9),
    ])
    func quantities(_ text: String, _ value: Double) {
        #expect(Quantity.parse(text).map { abs($0 - value) <= value * 1e-12 } == true)
    }

    @Test(arguments: ["", "m", "-1", "nan", "inf", "0x10", "1Zi", "1 m", "1e999", "1e3m", "e", "."])
    func noQuantities(_ text: String) {
        #expect(Quantity.parse(text) == nil)
    }
}

@Suite struct ObjectScannerTests {
    private func objects(_ shape: ObjectScanner.Shape, _ text: String, chunk: Int = .max) throws -> [String] {
        var scanner = ObjectScanner(shape)
        var found: [String] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: min(chunk, max(1, bytes.count))) {
            try scanner.feed(bytes[start..<min(bytes.count, start + min(chunk, bytes.count))]) {
                found.append(String(decoding: $0, as: UTF8.self))
            }
        }
        return found
    }

    private let list =
        #"{"kind":"PodList","metadata":{"resourceVersion":"7","items":[{"no":1}]},"x":[{"no":2}],"items":[ {"a":"}]\\\"{","items":[{"b":1}]} ,{"c":{}},{}],"y":{"no":3}}"#

    @Test(arguments: [1, 2, 3, 7, 1000]) func aListIsCutIntoItsItems(chunk: Int) throws {
        #expect(
            try objects(.list, list, chunk: chunk) == [#"{"a":"}]\\\"{","items":[{"b":1}]}"#, #"{"c":{}}"#, "{}"])
        var scanner = ObjectScanner(.list)
        try scanner.feed(list.utf8) { _ in }
        #expect(scanner.isComplete)
        struct Envelope: Decodable {
            struct Metadata: Decodable { var resourceVersion: String }
            var metadata: Metadata
        }
        #expect(try PodNames.decode(Envelope.self, scanner.envelope).metadata.resourceVersion == "7")
        var cut = ObjectScanner(.list)
        try cut.feed(list.utf8.dropLast(3)) { _ in }
        #expect(!cut.isComplete)
    }

    @Test(arguments: [1, 4, 1000]) func aStreamIsCutIntoItsEvents(chunk: Int) throws {
        #expect(try objects(.stream, "{\"a\":{}}\n {\"b\":[1,2]}\r\n{\"c\":\"\\\\\"}", chunk: chunk).count == 3)
    }

    @Test func whatIsTooLongOrNoObjectIsRefused() {
        var scanner = ObjectScanner(.stream, limit: 100)
        #expect(throws: ObjectScanner.Failure.self) {
            try scanner.feed(Array("{\"a\":\"".utf8) + [UInt8](repeating: 97, count: 200)) { _ in }
        }
        #expect(throws: ObjectScanner.Failure.self) { try objects(.stream, "<html>") }
    }

    @Test func garbageIsNoDanger() throws {
        var random = SeededGenerator(seed: 17)
        let bytes = Array(list.utf8)
        for _ in 0..<2000 {
            var copy = bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                copy[Int.random(in: 0..<copy.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            for shape in [ObjectScanner.Shape.list, .stream] {
                var scanner = ObjectScanner(shape)
                try? scanner.feed(copy) { object in _ = try? PodNames.decode(Pod.self, object) }
            }
        }
    }
}

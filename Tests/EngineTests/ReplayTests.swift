import Accounting
import Attribution
import Composition
import Engine
import Impact
import Logging
import Metering
import Recording
import Snapshot
import TestSupport
import Testing
import Workloads

/// An engine that is given what another one took in.
@Suite struct ReplayTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A node and the recording of it, tick by tick.
    private final class Recorded {
        let node: ScriptedNode
        private(set) var bytes: [UInt8]
        private var ticks = 0
        private let recorder = Recorder()
        private var writer = RecordingWriter()
        private let kernel: ScriptedNode.ScriptedKernel

        init(isMetered: Bool = true) throws {
            node = try ScriptedNode(isMetered: isMetered, recorder: recorder)
            kernel = node.kernel
            bytes = writer.begin(RecordingHeader(facts: MachineFacts(node.configuration)))
            bytes += writer.append(recorder.takeTick())
        }

        func note(_ snapshot: Snapshot?) throws {
            var tick = recorder.takeTick()
            if let snapshot {
                ticks += 1
                // To write one takes far longer than a tick; what differs once stays different, because all is cumulative.
                if ticks % 5 == 0 { tick.digest = RecordedTick.digest(of: try snapshot.json()) }
            }
            bytes += writer.append(tick)
        }

        /// Seconds in which pods come, are named, run and end, a meter fails and returns, and processes come and go.
        func churn(seconds: Int) throws {
            for second in 0..<seconds {
                let id = UInt64(1000 + second / 3 * 2)
                let uid = "0c3e8a52-1111-4222-8333-\(String(100_000_000_000 + second / 3))"
                let container = String(repeating: "f", count: 52) + String(100_000_000_000 + second / 3)
                let slice =
                    "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
                    + uid.replacing("-", with: "_") + ".slice"
                switch second % 3 {
                case 0:
                    kernel.next.created = [
                        .init(id: id, path: slice),
                        .init(id: id + 1, path: slice + "/cri-containerd-\(container).scope"),
                    ]
                case 1:
                    node.announce(
                        ScriptedNode.Pod(
                            uid: uid, container: container, namespace: "ns\(second % 7)", name: "secret-\(second)",
                            owner: "owner\(second % 5)", team: second % 2 == 0 ? "a" : "b"))
                default:
                    kernel.next.removed = [id, id + 1]
                    kernel.next.forgotten = [id, id + 1]
                }
                if second % 3 != 2 { kernel.run(id + 1, milliseconds: UInt64(50 + second % 100)) }
                kernel.runProcess(
                    Int32(5000 + second), "job \(second % 9)", in: id + 1, milliseconds: 5, exits: second % 3 == 1)
                if second % 50 == 20 { node.host.rapl.remove("intel-rapl:0:0") }
                if second % 50 == 30 { try node.host.rapl.add("intel-rapl:0:0", name: "dram") }
                try note(try node.tick(after: second % 11 == 0 ? 2.5 : 1, load: UInt64(second % 4)))
            }
        }

        func finish() { bytes += writer.flush() }

        /// All snapshots of a replay.
        func replay(
            _ bytes: [UInt8]? = nil, change: (inout EngineConfiguration) -> Void = { _ in }
        ) throws -> (snapshots: [Snapshot], engine: ReplayingEngine<RecordingReader>) {
            let reader = try RecordingReader(bytes ?? self.bytes)
            var configuration = node.configuration
            change(&configuration)
            let engine = try ReplayingEngine(
                reader, configuration, facts: reader.header.facts, logger: ReplayTests.logger)
            var snapshots: [Snapshot] = []
            while let snapshot = try engine.next() { snapshots.append(snapshot) }
            return (snapshots, engine)
        }
    }

    private func recorded(seconds: Int, isMetered: Bool = true) throws -> Recorded {
        let recorded = try Recorded(isMetered: isMetered)
        try recorded.churn(seconds: seconds)
        recorded.finish()
        return recorded
    }

    /// Minutes of churn, byte by byte.
    @Test func aReplayIsTheSameByteByByte() throws {
        let recorded = try recorded(seconds: 300)
        let (snapshots, engine) = try recorded.replay()
        #expect(snapshots.count == 300)
        #expect(engine.identical == 60 && engine.different == 0 && engine.failed == 0)
        // An hour of it may have 5 MB.
        #expect(recorded.bytes.count < 5_000_000 / 12)
    }

    @Test func aNodeWithoutAMeterIsReplayedToo() throws {
        let (_, engine) = try recorded(seconds: 60, isMetered: false).replay()
        #expect(engine.identical == 12 && engine.different == 0)
    }

    /// A tick that failed fails again, and the one after it covers both windows.
    @Test func failuresAreReplayed() throws {
        let recorded = try Recorded()
        try recorded.churn(seconds: 5)
        recorded.node.kernel.failure = Failure("no ring")
        #expect(throws: Failure.self) { try recorded.node.tick() }
        try recorded.note(nil)
        recorded.node.kernel.failure = nil
        try recorded.churn(seconds: 5)
        recorded.finish()
        let (snapshots, engine) = try recorded.replay()
        #expect(engine.failed == 1 && engine.identical == 2 && engine.different == 0)
        #expect(snapshots.last?.agent.faults["ticks_failed"] == 1)
    }

    /// A change of what was recorded is noticed: the check is one.
    @Test func anotherInputIsAnotherSnapshot() throws {
        let recorded = try recorded(seconds: 20)
        var reader = try RecordingReader(recorded.bytes)
        var writer = RecordingWriter()
        var bytes = writer.begin(reader.header)
        var count = 0
        while var tick = try reader.next() {
            count += 1
            if count == 10 { tick.sample?.kernelNanoseconds += 1_000_000 }
            bytes += writer.append(tick)
        }
        bytes += writer.flush()
        #expect(try recorded.replay(bytes).engine.different > 0)
    }

    /// Other settings give other figures of the same energy, and every part still adds up to the node.
    @Test func whatIf() throws {
        let recorded = try recorded(seconds: 120)
        let before = try #require(try recorded.replay().snapshots.last)
        let estimated = try #require(
            try recorded.replay {
                $0.power.sources = [.estimate]
                $0.power.isExplicit = true
            }.snapshots.last)
        #expect(before.node.zones.allSatisfy { $0.source == "rapl" })
        #expect(estimated.node.zones.allSatisfy { $0.quality == "estimated" })
        let green = try #require(
            try recorded.replay {
                $0.carbon = CarbonModel(
                    intensity: CarbonIntensity(gramsPerKilowattHour: 100, source: "test"), pue: 1.5)
            }.snapshots.last)
        #expect(green.node.zones.map(\.energyMicrojoules) == before.node.zones.map(\.energyMicrojoules))
        #expect(try #require(green.node.emissionsGrams) < #require(before.node.emissionsGrams) * 0.3)
        let shared = try #require(try recorded.replay { $0.staticPolicy = .equal }.snapshots.last)
        #expect(shared.node.zones.map(\.energyMicrojoules) == before.node.zones.map(\.energyMicrojoules))
        #expect(shared.workloads != before.workloads)
        for snapshot in [before, estimated, green, shared] {
            for zone in snapshot.node.zones { #expect(snapshot.conservationError(of: zone) == 0) }
        }
    }

    /// A meter that nobody opened then cannot be used now, and the notice says so.
    @Test func aMeterThatWasNotRecordedIsMissing() throws {
        let recorded = try recorded(seconds: 10)
        let last = try #require(
            try recorded.replay {
                $0.power.sources = [.ipmi, .estimate]
                $0.power.isExplicit = true
            }.snapshots.last)
        #expect(last.node.zones.allSatisfy { $0.source == "estimate" })
        #expect(last.agent.notices.contains { $0.contains("ipmi") })
    }

    /// Without its names a recording has the same energy, in workloads of the same kinds.
    @Test func namesCanBeRemoved() throws {
        let recorded = try recorded(seconds: 200)
        var reader = try RecordingReader(recorded.bytes)
        var (writer, anonymiser) = (RecordingWriter(), Anonymiser())
        var header = reader.header
        anonymiser.replaceNames(in: &header)
        var bytes = writer.begin(header)
        while var tick = try reader.next() {
            anonymiser.replaceNames(in: &tick)
            bytes += writer.append(tick)
        }
        bytes += writer.flush()

        let before = try #require(try recorded.replay().snapshots.last)
        let after = try #require(try recorded.replay(bytes) { $0.nodeName = "w1" }.snapshots.last)
        #expect(after.node.zones.map(\.energyMicrojoules) == before.node.zones.map(\.energyMicrojoules))
        func figures(_ snapshot: Snapshot) -> [String] {
            snapshot.workloads.map { workload in
                "\(workload.kind) \(workload.cpuSeconds) "
                    + workload.zones.map { "\($0) \($1.dynamicMicrojoules) \($1.staticMicrojoules)" }.sorted()
                    .joined(separator: " ") + " \(workload.labels.keys.sorted())"
            }.sorted()
        }
        #expect(figures(after) == figures(before))
        let text = String(decoding: try after.json(), as: UTF8.self)
        for name in [
            "ns1", "secret", "owner1", "checkout", "shop", "nginx", "sshd", "build", "debian", "registry", "fffff",
            "0c3e8a52", "node7",
        ] { #expect(!text.contains(name), "\(name) is still there") }
    }
}

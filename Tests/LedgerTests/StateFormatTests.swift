import Accounting
import Attribution
import TestSupport
import Testing
import Units
import Workloads

@testable import Ledger

@Suite struct StateFormatTests {
    private let meaning = LedgerState.Meaning(events: ["cycles"], classes: ["performance", "efficiency"])

    private func context(_ ledger: Ledger) -> StateEncoder.Context {
        let zone = Zone(ZoneID("package-0") ?? .platform, source: "rapl", quality: .measured)
        let energy = Microjoules(ledger.node.whole.dynamicEnergy(0))
        let idle = LedgerState.LearnedIdle(machine: "m", zones: ["rapl package-0": [1.5, 2, .infinity], "b c": []])
        return StateEncoder.Context(startTime: "start", zones: [(zone, energy)], meaning: meaning, idle: idle) {
            $0.index == 0 ? ["periods": 3] : [:]
        }
    }

    private func file(_ ledger: Ledger) -> [UInt8] {
        var encoder = StateEncoder()
        return encoder.file(bootID: "boot", ledger, context(ledger))
    }

    private func makeLedger(_ counters: UsageCounters) -> Ledger {
        var ledger = Ledger(retention: 60, retentionLimit: 10)
        ledger.add(cgroup: 7, path: "/a.service")
        ledger.counters[0] = counters
        return ledger
    }

    @Test func everyCounterComesBack() throws {
        let counters = try #require(UsageCounters(values: (1...28).map { UInt64($0) * 1000 }))
        #expect(counters.values == (1...28).map { UInt64($0) * 1000 } && UsageCounters().values.count == 28)
        var ledger = makeLedger(counters)
        var totals = Totals()
        totals.run(5)
        totals.credit(dynamic: 9, static: 4, zone: 1)
        totals.beginWindow()
        ledger.processes.commands.restore([.init(workload: "unit:/a.service", name: "sh", totals: totals)])
        let state = try LedgerState(decoding: file(ledger))
        #expect(state.workloads.map(\.counters) == [counters] && state.workloads.map(\.files) == [["periods": 3]])
        #expect(state.idle.zones == ["rapl package-0": [1.5, 2, .infinity], "b c": []] && state.idle.machine == "m")
        #expect(state.commands == [.init(workload: "unit:/a.service", name: "sh", totals: totals)])
        var next = Ledger(retention: 60, retentionLimit: 10)
        next.restore(state)
        next._checkInvariants()
        #expect(next.processes.commands.saved() == state.commands)
        #expect(next.id("unit:/a.service").map { next.counters(of: $0) } == counters)
    }

    /// An earlier run may have taken what a user made for the platform's.
    @Test func identitiesAreCheckedAgain() throws {
        let path = "/user@7.service/docker-\(String(repeating: "ab12", count: 16)).scope"
        var ledger = Ledger(retention: 60, retentionLimit: 10)
        ledger.add(cgroup: 7, path: path)
        let state = try LedgerState(decoding: file(ledger))
        var next = Ledger(retention: 60, retentionLimit: 10) { _ in UserGround(depth: 1, user: 7) }
        next.restore(state)
        #expect(next.shown.first { $0.identity.path == path }?.identity.userID == 7)
    }

    /// Counters of other events, or of other kinds of cores, are not added to.
    @Test func whatHasAnotherMeaningBeginsAnew() throws {
        let counters = try #require(UsageCounters(values: Array(repeating: 3, count: 28)))
        var ledger = makeLedger(counters)
        ledger.reinterpret(from: meaning, to: meaning)
        #expect(ledger.counters[0] == counters)
        ledger.reinterpret(from: meaning, to: .init(events: ["task-clock"], classes: ["all"]))
        let left = ledger.counters[0]
        #expect(left.counted == .zero && left.classNanoseconds == .zero)
        #expect(left.waits == counters.waits && left.switches == 6)
    }

    /// Version 2 had neither counters nor commands, version 3 no updates, version 4 no idle power, version 5 no beginnings.
    @Test func earlierVersionsAreRead() throws {
        var totals = Totals(since: 1_700_000_000)
        totals.credit(dynamic: 40, zone: 0)
        totals.beginWindow()
        func file(_ version: UInt64) -> [UInt8] {
            var payload = ByteWriter()
            payload.write("boot")
            payload.write("start")
            payload.write(UInt64(1))
            for text in ["package-0", "package", "rapl", "measured", "counter"] { payload.write(text) }
            payload.write(UInt64(40))
            func write(_ totals: Totals) {
                var own = ByteWriter()
                own.write(totals)
                // The last number.
                payload.write(raw: own.bytes.dropLast(version < 6 ? 8 : 0))
            }
            for part in [totals, Totals(), Totals(), Totals()] { write(part) }
            for number in [1, 1, 0] as [UInt64] { payload.write(number) }
            for text in ["unit:/a.service", "unit", "/a.service", "a.service"] { payload.write(text) }
            payload.write(UInt64(7))
            write(totals)
            payload.write(["owner"])
            if version > 2 {
                payload.write(UsageCounters(cpuNanoseconds: 8))
                payload.write(["throttled": UInt64(5)])
            }
            payload.write(UInt64(0))
            if version > 2 {
                payload.write(UInt64(0))
                payload.write(["cycles"])
                payload.write(["all"])
            }
            if version > 4 {
                payload.write("a machine")
                payload.write(UInt64(1))
                payload.write("rapl package-0")
                payload.write([30.5, 1])
            }
            var whole = ByteWriter()
            whole.write(raw: LedgerState.magic)
            for number in [version, UInt64(payload.bytes.count), checksum(payload.bytes[...])] { whole.write(number) }
            return whole.bytes + payload.bytes
        }
        for version in [2, 3, 4, 5, 6] as [UInt64] {
            let state = try LedgerState(decoding: file(version))
            #expect(state.zones.map(\.energy.count) == [40] && state.workloads.map(\.dimensions) == [["owner"]])
            #expect(state.workloads.map(\.counters.cpuNanoseconds) == [version > 2 ? 8 : 0])
            #expect(state.workloads.map(\.totals.since) == [version > 5 ? 1_700_000_000 : 0])
            #expect(state.workloads.map(\.files) == [version > 2 ? ["throttled": 5] : [:]])
            let idle = LedgerState.LearnedIdle(machine: "a machine", zones: ["rapl package-0": [30.5, 1]])
            #expect(state.idle == (version > 4 ? idle : LedgerState.LearnedIdle()))
        }
        for version in [0, 1, 7] as [UInt64] {
            #expect(throws: LedgerState.Refusal.self, "\(version)") { try LedgerState(decoding: file(version)) }
        }
        // Only the present version has anything after the first block.
        #expect(throws: LedgerState.Refusal.self) { try LedgerState(decoding: file(3) + [0]) }
    }

    /// A ledger in which workloads appear, run, get names and end.
    private func live(_ ledger: inout Ledger, _ step: Int, _ random: inout SeededGenerator) {
        let new = UInt64(step) + 1
        let uid = "9d5f6a3e-1111-2222-8333-0123456789\(10 + step % 50)"
        let paths = ["/s.slice/u\(step).service", "/plain\(step)", "/kubepods/pod\(uid)", "/s.slice"]
        ledger.beginWindow()
        ledger.add(cgroup: new, path: paths[step % 4], at: Double(step))
        if let pod = ledger.id("pod:\(uid)") {
            let facts = [
                "k8s.namespace.name": "ns", "k8s.owner.kind": "Job", "k8s.owner.name": "j\(step % 3)",
            ]
            ledger.describe(pod, as: facts, dimensions: RollUpDimensions(labels: []))
        }
        if step > 8 {
            let old = UInt64(step - 8)
            ledger.remove(cgroup: old, at: Double(step))
            ledger.forget(cgroup: old)
        }
        var energy: [UInt64: UInt64] = [:]
        var reports: [AccountingSample.ProcessUsage] = []
        for cgroup in UInt64(max(1, step - 6))...new where Bool.random(using: &random) {
            let time = UInt64(step) * 1000 + .random(in: 0...900, using: &random)
            ledger.use(.init(cgroup: cgroup, counters: UsageCounters(cpuNanoseconds: time)), isBase: false)
            energy[cgroup] = .random(in: 0...9999, using: &random)
            reports.append(.init(cgroup: cgroup, pid: 1, cpuNanoseconds: time, comm: "c\(step % 2)"))
        }
        ledger.update(reports, isBase: false)
        ledger.endWindow(energy: energy)
        ledger.retire(at: Double(step))
    }

    /// The whole ledger of one tick and what the ticks after it changed are the ledger of the last one. Cut off
    /// anywhere they are that of an earlier one, or nothing.
    @Test(arguments: 1...6) func updatesAddUpToTheWhole(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var ledger = Ledger(retention: 3, retentionLimit: 4)
        var encoder = StateEncoder()
        var bytes: [UInt8] = []
        var states: [(size: Int, state: LedgerState)] = []
        for step in 0..<60 {
            live(&ledger, step, &random)
            bytes += step == 0 ? file(ledger) : encoder.update(ledger, context(ledger))
            let whole = try LedgerState(decoding: file(ledger))
            let read = try LedgerState(decoding: bytes)
            #expect(read.workloads.count == whole.workloads.count && read.node.all == whole.node.all)
            #expect(
                read.workloads.sorted { $0.id < $1.id }.map(\.totals)
                    == whole.workloads.sorted { $0.id < $1.id }.map(\.totals), "step \(step)")
            #expect(read == whole, "step \(step)")
            states.append((bytes.count, read))
            ledger.forgetChanges()
        }
        for _ in 0..<200 {
            let size = Int.random(in: 0..<bytes.count, using: &random)
            let before = states.last { $0.size <= size }
            let read = try? LedgerState(decoding: Array(bytes.prefix(size)))
            #expect(read == before?.state)
        }
        // Other damage yields the state of some tick or nothing, never anything else.
        for _ in 0..<200 {
            var damaged = bytes
            damaged[.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            guard let read = try? LedgerState(decoding: damaged) else { continue }
            // An earlier tick where a length reaches beyond the end: that block looks as if it was cut off.
            #expect(states.contains { $0.state == read })
        }
    }

    /// Any content of a payload whose checksum is right.
    @Test func noPayloadDoesHarm() throws {
        var random = SeededGenerator(seed: 6)
        var ledger = Ledger(retention: 3, retentionLimit: 4)
        for step in 0..<12 { live(&ledger, step, &random) }
        let good = file(ledger)
        for round in 0..<2000 {
            var payload = Array(good[32...])
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                payload[Int.random(in: 0..<payload.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            var writer = ByteWriter()
            writer.write(UInt64(payload.count))
            writer.write(checksum(payload[...]))
            let block = writer.bytes + payload
            // As the whole ledger, and as an update of it.
            let bytes = round % 2 == 0 ? Array(good.prefix(16)) + block : good + block
            guard let state = try? LedgerState(decoding: bytes) else { continue }
            #expect(state.addsUp)
            var next = Ledger(retention: 60, retentionLimit: 10)
            next.restore(state)
        }
    }
}

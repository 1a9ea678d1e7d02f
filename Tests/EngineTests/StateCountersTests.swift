import Accounting
import Glibc
import Linux
import TestSupport
import Testing
import Units

@testable import Engine

/// What the state file has beside the ledger.
@Suite struct StateCountersTests {
    private func state(_ host: FakeHost) throws -> LedgerState {
        try LedgerState(decoding: try readFile(host.file("state")))
    }

    /// A file with one workload, as ``LedgerState/encode`` makes it.
    private func encode(_ table: inout WorkloadTable, _ commands: [LedgerState.Command] = []) -> [UInt8] {
        var writer = ByteWriter()
        LedgerState.encode(
            into: &writer, bootID: "boot", startTime: "start", zones: [],
            buckets: Array(repeating: Account(), count: 4),
            records: table.records(CgroupFileReader(tree: nil, readsPressure: false)), groups: [], commands: commands,
            meaning: LedgerState.Meaning(events: ["cycles"], classes: ["performance", "efficiency"]))
        return writer.bytes
    }

    private func makeTable(_ counters: UsageCounters) -> WorkloadTable {
        var table = WorkloadTable(retention: 60, retentionLimit: 10)
        table.add(cgroup: 7, path: "/a.service")
        table.workloads[0].counters = counters
        return table
    }

    @Test func everyCounterComesBack() throws {
        let counters = try #require(UsageCounters(values: (1...28).map { UInt64($0) * 1000 }))
        #expect(counters.values == (1...28).map { UInt64($0) * 1000 } && UsageCounters().values.count == 28)
        var table = makeTable(counters)
        var account = Account()
        account.run(5, switches: 0)
        account.credit(9, zone: 0)
        let state = try LedgerState(
            decoding: encode(&table, [LedgerState.Command(workload: "unit:a", name: "sh", account: account)]))
        #expect(state.workloads.map(\.counters) == [counters])
        #expect(state.commands.map(\.name) == ["sh"] && state.commands.map(\.account.dynamic) == [[9]])
        var ledger = ProcessLedger()
        ledger.restore(state.commands)
        #expect(ledger.saved() == state.commands)
    }

    /// Counters of other events, or of other kinds of cores, are not added to.
    @Test func whatHasAnotherMeaningBeginsAnew() throws {
        let counters = try #require(UsageCounters(values: Array(repeating: 3, count: 28)))
        var table = makeTable(counters)
        let state = try LedgerState(decoding: encode(&table))
        table.reinterpret(from: state.meaning, to: state.meaning)
        #expect(table.workloads[0].counters == counters)
        table.reinterpret(from: state.meaning, to: LedgerState.Meaning(events: ["task-clock"], classes: ["all"]))
        let left = table.workloads[0].counters
        #expect(left.counted == .zero && left.classNanoseconds == .zero)
        #expect(left.waits == counters.waits && left.switches == 6)
    }

    /// What was counted while no agent ran is not; nor is anything lost, however soon the next one ends.
    @Test func throttledTimeGoesOn() throws {
        let host = try FakeHost()
        try host.makeCgroup("/s.service")
        try host.throttle("/s.service", microseconds: 100_000)
        let file = host.file("state")
        func run(_ microseconds: UInt64) throws -> [[String: UInt64]] {
            let engine = try host.makeEngine(stateFile: file)
            for _ in 0..<4 { _ = try engine.tick() }
            try host.throttle("/s.service", microseconds: microseconds)
            for _ in 0..<4 { _ = try engine.tick() }
            return try state(host).workloads.map(\.files).filter { !$0.isEmpty }
        }
        #expect(try run(150_000) == [["periods": 150, "throttled": 150_000]])
        try host.throttle("/s.service", microseconds: 50_000)
        #expect(try run(100_000) == [["periods": 250, "throttled": 250_000]])
        // It ends before the cgroup's file was read.
        host.removeCgroup("/s.service")
        _ = try host.makeEngine(stateFile: file).tick()
        #expect(try state(host).workloads.map(\.files).filter { !$0.isEmpty }.count == 1)
    }

    /// The version before had neither counters nor names.
    @Test func theVersionBeforeIsRead() throws {
        var payload = ByteWriter()
        payload.write("boot")
        payload.write("start")
        payload.write(UInt64(1))
        for text in ["package-0", "package", "rapl", "measured", "counter"] { payload.write(text) }
        payload.write(UInt64(40))
        var account = Account()
        account.credit(40, zone: 0)
        for bucket in [account, Account(), Account(), Account()] { payload.write(bucket) }
        payload.write(UInt64(1))
        payload.write(UInt64(1))
        payload.write(UInt64(0))
        for text in ["unit:/a.service", "unit", "/a.service", "a.service"] { payload.write(text) }
        payload.write(UInt64(7))
        payload.write(account)
        payload.write(["owner"])
        payload.write(UInt64(0))
        func file(_ version: UInt64) -> [UInt8] {
            var header = ByteWriter()
            header.write(raw: Array("energyd\n".utf8))
            for number in [version, UInt64(payload.bytes.count), checksum(payload.bytes[...])] { header.write(number) }
            return header.bytes + payload.bytes
        }
        let state = try LedgerState(decoding: file(2))
        #expect(state.zones.map(\.energy.count) == [40] && state.workloads.map(\.dimensions) == [["owner"]])
        #expect(state.workloads.map(\.counters) == [UsageCounters()] && state.commands.isEmpty)
        for version in [0, 1, 3, 4] as [UInt64] {
            #expect(throws: LedgerState.Refusal.self, "\(version)") { try LedgerState(decoding: file(version)) }
        }
    }
}

internal import Accounting
internal import Attribution
internal import Units

@testable internal import Ledger

/// State files as the agent writes them.
enum StateSamples {
    static var file: [UInt8] {
        var ledger = Ledger(retention: 60, retentionLimit: 10)
        ledger.add(cgroup: 7, path: "/system.slice/a.service")
        ledger.add(cgroup: 9, path: "/b")
        ledger.beginWindow()
        ledger.use(.init(cgroup: 7, counters: UsageCounters(cpuNanoseconds: 5_000_000)), isBase: false)
        var totals = Totals()
        totals.run(5)
        totals.credit(dynamic: 9, static: 4, zone: 1)
        totals.beginWindow()
        ledger.processes.commands.restore([.init(workload: "unit:/system.slice/a.service", name: "sh", totals: totals)])
        let context = StateEncoder.Context(
            startTime: "start", zones: [(Zone(.platform, source: "rapl", quality: .measured), Microjoules(9))],
            meaning: LedgerState.Meaning(events: ["cycles"], classes: ["all"])
        ) { _ in ["periods": 3] }
        var encoder = StateEncoder()
        let whole = encoder.file(bootID: "boot", ledger, context)
        return whole + encoder.update(ledger, context)
    }

    /// The content of the blocks of ``file``, one after the other, each after its length in two bytes.
    static var payload: [UInt8] {
        var reader = ByteReader(bytes: file[(LedgerState.magic.count + 8)...])
        var payload: [UInt8] = []
        while let length = reader.number(), reader.number() != nil, let part = reader.part(length) {
            payload += [UInt8(truncatingIfNeeded: part.count), UInt8(truncatingIfNeeded: part.count >> 8)] + part
        }
        return payload
    }

    /// The same as it stands in a file, with length and checksum.
    static func framed(_ payload: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        var rest = payload[...]
        while let low = rest.popFirst(), let high = rest.popFirst() {
            let part = rest.prefix(Int(low) | Int(high) << 8)
            rest = rest.dropFirst(part.count)
            writer.write(UInt64(part.count))
            writer.write(checksum(part))
            writer.write(raw: Array(part))
        }
        return writer.bytes
    }
}

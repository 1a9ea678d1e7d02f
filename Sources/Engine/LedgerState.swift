internal import Accounting
internal import Attribution
internal import Units

/// The ledger as it lies in the state file: every cumulative total, at the end of one tick.
struct LedgerState: Equatable {
    struct Workload: Equatable {
        var id: String
        var kind: String
        var path: String
        var name: String
        var cgroup: UInt64
        /// Index of its parent, which comes before it.
        var parent: Int?
        var account: Account
        /// Of the groups that have its past.
        var dimensions: [String] = []
        var counters = UsageCounters()
        /// See ``CgroupFileReader/Reading/totals``.
        var files: [String: UInt64] = [:]
    }

    /// A sum over pods; see ``RollUps``.
    struct Group: Equatable {
        var dimension: String
        var parts: [String]
        var account: Account
    }

    /// A sum over the processes of one name in a workload; see ``ProcessLedger``.
    struct Command: Equatable {
        var workload: String
        var name: String
        var account: Account
    }

    /// What some of ``UsageCounters`` mean.
    struct Meaning: Equatable {
        /// Of ``UsageCounters/counted``.
        var events: [String] = []
        /// Of ``UsageCounters/classNanoseconds``.
        var classes: [String] = []
    }

    /// The totals belong to one run of the kernel: its cgroup ids, and its meters.
    var bootID: String
    /// Of the first run of the agent that they contain.
    var startTime: String
    var zones: [(zone: Zone, energy: Microjoules)]
    /// Node, idle, system, unattributed.
    var buckets: [Account]
    var workloads: [Workload]
    var groups: [Group] = []
    var commands: [Command] = []
    var meaning = Meaning()

    static let bucketCount = 4

    static func == (a: Self, b: Self) -> Bool {
        a.bootID == b.bootID && a.startTime == b.startTime && a.buckets == b.buckets && a.workloads == b.workloads
            && a.groups == b.groups && a.commands == b.commands && a.meaning == b.meaning
            && a.zones.elementsEqual(b.zones) { $0.zone == $1.zone && $0.energy == $1.energy }
    }

    /// True where every zone is the sum of what was handed out, as in the ledger that was saved.
    var addsUp: Bool {
        zones.indices.allSatisfy { zone in
            var sum: UInt64 = 0
            var overflows = false
            for account in buckets.dropFirst() + workloads.lazy.filter({ $0.parent == nil }).map(\.account) {
                for amounts in [account.dynamic, account.fixed] where zone < amounts.count {
                    let result = sum.addingReportingOverflow(amounts[zone])
                    sum = result.partialValue
                    overflows = overflows || result.overflow
                }
            }
            return !overflows && sum == zones[zone].energy.count
        }
    }
}

extension LedgerState {
    /// Raised with every change of the layout below. The one before, which has no counters, is read too; any
    /// other is refused.
    static let version: UInt64 = 3
    private static let oldestVersion: UInt64 = 2
    private static let magic = Array("energyd\n".utf8)

    /// Why a file is not taken.
    struct Refusal: Error, CustomStringConvertible, Equatable {
        let description: String

        static let corrupt = Refusal(description: "it is corrupt")
        static let foreign = Refusal(description: "it is no state file")
    }

    /// Writes a file: magic, version, length and checksum of the payload, payload; numbers have 64 bits,
    /// little-endian.
    ///
    /// - Parameters:
    ///   - writer: what it held is dropped, its storage reused.
    ///   - records: of the workloads, as ``WorkloadTable/records()`` makes them.
    ///   - groups: as ``RollUps/saved()`` makes them.
    ///   - commands: as ``ProcessLedger/saved()`` makes them.
    static func encode(
        into writer: inout ByteWriter, bootID: String, startTime: String, zones: [(Zone, Microjoules)],
        buckets: [Account], records: [[UInt8]], groups: [Group], commands: [Command], meaning: Meaning
    ) {
        writer.clear()
        writer.write(raw: magic)
        for _ in 0..<3 { writer.write(UInt64(0)) }
        let start = writer.bytes.count
        writer.write(bootID)
        writer.write(startTime)
        writer.write(UInt64(zones.count))
        for (zone, energy) in zones {
            for text in [
                zone.name, zone.component.rawValue, zone.source, zone.quality.rawValue, zone.method.rawValue,
            ] { writer.write(text) }
            writer.write(energy.count)
        }
        for bucket in buckets { writer.write(bucket) }
        writer.write(UInt64(records.count))
        for record in records { writer.write(raw: record) }
        writer.write(UInt64(groups.count))
        for group in groups {
            writer.write(group.dimension)
            writer.write(group.parts)
            writer.write(group.account)
        }
        writer.write(UInt64(commands.count))
        for command in commands {
            writer.write(command.workload)
            writer.write(command.name)
            writer.write(command.account)
        }
        writer.write(meaning.events)
        writer.write(meaning.classes)
        let payload = writer.bytes[start...]
        let header = [version, UInt64(payload.count), checksum(payload)]
        for (place, number) in header.enumerated() { writer.overwrite(number, at: magic.count + 8 * place) }
    }

    /// Reads such a file; any bytes do no harm.
    init(decoding bytes: [UInt8]) throws(Refusal) {
        // One that was cut off early is nobody else's.
        guard bytes.starts(with: Self.magic) || Self.magic.starts(with: bytes) else { throw .foreign }
        guard bytes.count >= Self.magic.count else { throw .corrupt }
        var file = ByteReader(bytes: bytes[Self.magic.count...])
        guard let version = file.number() else { throw .corrupt }
        guard version >= Self.oldestVersion, version <= Self.version else {
            throw Refusal(description: "it has version \(version) and this agent version \(Self.version)")
        }
        guard let length = file.number(), let sum = file.number(), length == UInt64(file.bytes.count),
            sum == checksum(file.bytes), let state = Self(payload: &file, version: version), file.bytes.isEmpty,
            state.addsUp
        else { throw .corrupt }
        self = state
    }

    private init?(payload reader: inout ByteReader, version: UInt64) {
        let hasCounters = version > Self.oldestVersion
        guard let bootID = reader.text(), let startTime = reader.text(), let zoneCount = reader.count() else {
            return nil
        }
        self.init(bootID: bootID, startTime: startTime, zones: [], buckets: [], workloads: [])
        for _ in 0..<zoneCount {
            guard let id = reader.text().flatMap(ZoneID.init), reader.text() == id.component.rawValue,
                let source = reader.text(), let quality = reader.text().flatMap(Quality.init(rawValue:)),
                let method = reader.text().flatMap(Zone.Method.init(rawValue:)), let energy = reader.number(),
                energy < 1 << 62
            else { return nil }
            zones.append(
                (
                    Zone(id, source: source, quality: quality, method: method),
                    Microjoules(energy)
                ))
        }
        for _ in 0..<Self.bucketCount {
            guard let account = reader.account() else { return nil }
            buckets.append(account)
        }
        guard let workloadCount = reader.count() else { return nil }
        var found: [UInt64: (workload: Workload, parent: UInt64)] = [:]
        for _ in 0..<workloadCount {
            guard let place = reader.number(), let parent = reader.number(), let id = reader.text(),
                let kind = reader.text(), let path = reader.text(), let name = reader.text(),
                let cgroup = reader.number(), let account = reader.account(), let dimensions = reader.texts(),
                found.updateValue(
                    (
                        Workload(
                            id: id, kind: kind, path: path, name: name, cgroup: cgroup, parent: nil, account: account,
                            dimensions: dimensions),
                        parent
                    ), forKey: place) == nil
            else { return nil }
            guard hasCounters else { continue }
            guard let counters = reader.counters(), let files = reader.namedAmounts() else { return nil }
            found[place]?.workload.counters = counters
            found[place]?.workload.files = files
        }
        guard order(found), let groupCount = reader.count() else { return nil }
        for _ in 0..<groupCount {
            guard let dimension = reader.text(), let parts = reader.texts(), parts.count <= 3,
                let account = reader.account()
            else { return nil }
            groups.append(Group(dimension: dimension, parts: parts, account: account))
        }
        if hasCounters, !readCommands(from: &reader) { return nil }
        guard Set(workloads.map(\.id)).count == workloads.count,
            Set(zones.map(\.zone.name)).count == zones.count
        else { return nil }
    }

    private mutating func readCommands(from reader: inout ByteReader) -> Bool {
        guard let count = reader.count() else { return false }
        for _ in 0..<count {
            guard let workload = reader.text(), let name = reader.text(), let account = reader.account() else {
                return false
            }
            commands.append(Command(workload: workload, name: name, account: account))
        }
        guard let events = reader.texts(), let classes = reader.texts() else { return false }
        meaning = Meaning(events: events, classes: classes)
        return true
    }

    /// Puts parents before their children; false where that cannot be done.
    private mutating func order(_ found: [UInt64: (workload: Workload, parent: UInt64)]) -> Bool {
        var places: [UInt64: Int] = [:]
        for start in found.keys.sorted() {
            var chain: [UInt64] = []
            var next = start
            while places[next] == nil {
                guard let (_, parent) = found[next], chain.count <= found.count else { return false }
                chain.append(next)
                // Places count from one: zero is none.
                if parent == 0 { break }
                next = parent
            }
            for place in chain.reversed() {
                guard let entry = found[place] else { return false }
                var workload = entry.workload
                workload.parent = places[entry.parent]
                places[place] = workloads.count
                workloads.append(workload)
            }
        }
        return true
    }
}

internal import Energy

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
    }

    /// The totals belong to one run of the kernel: its cgroup ids, and its meters.
    var bootID: String
    /// Of the first run of the agent that they contain.
    var startTime: String
    var zones: [(zone: Zone, energy: Microjoules)]
    /// Node, idle, system, unattributed.
    var buckets: [Account]
    var workloads: [Workload]

    static let bucketCount = 4

    static func == (a: Self, b: Self) -> Bool {
        a.bootID == b.bootID && a.startTime == b.startTime && a.buckets == b.buckets && a.workloads == b.workloads
            && a.zones.elementsEqual(b.zones) { $0.zone == $1.zone && $0.energy == $1.energy }
    }

    /// True where every zone is the sum of what was handed out, as in the ledger that was saved.
    var addsUp: Bool {
        zones.indices.allSatisfy { zone in
            var sum: UInt64 = 0
            for account in buckets.dropFirst() + workloads.lazy.filter({ $0.parent == nil }).map(\.account) {
                for amounts in [account.dynamic, account.fixed] where zone < amounts.count {
                    sum = sum.addingReportingOverflow(amounts[zone]).partialValue
                }
            }
            return sum == zones[zone].energy.count
        }
    }
}

extension LedgerState {
    /// Raised with every change of the layout below; another version is refused.
    static let version: UInt64 = 1
    private static let magic = Array("energyd\n".utf8)

    /// Why a file is not taken.
    struct Refusal: Error, CustomStringConvertible, Equatable {
        let description: String

        static let corrupt = Refusal(description: "it is corrupt")
    }

    /// Magic, version, length and checksum of the payload, payload; numbers have 64 bits, little-endian.
    func encoded() -> [UInt8] {
        var payload = ByteWriter()
        payload.write(bootID)
        payload.write(startTime)
        payload.write(UInt64(zones.count))
        for (zone, energy) in zones {
            for text in [
                zone.name, zone.component.rawValue, zone.source, zone.quality.rawValue, zone.method.rawValue,
            ] { payload.write(text) }
            payload.write(energy.count)
        }
        for bucket in buckets { payload.write(bucket) }
        payload.write(UInt64(workloads.count))
        for workload in workloads {
            for text in [workload.id, workload.kind, workload.path, workload.name] { payload.write(text) }
            payload.write(workload.cgroup)
            payload.write(workload.parent.map { UInt64($0) + 1 } ?? 0)
            payload.write(workload.account)
        }
        var file = ByteWriter(bytes: Self.magic)
        file.write(Self.version)
        file.write(UInt64(payload.bytes.count))
        file.write(fnv1a(payload.bytes[...]))
        return file.bytes + payload.bytes
    }

    /// Reads what ``encoded()`` wrote; any bytes do no harm.
    init(decoding bytes: [UInt8]) throws(Refusal) {
        guard bytes.starts(with: Self.magic) else { throw Refusal(description: "it is no state file") }
        var file = ByteReader(bytes: bytes[Self.magic.count...])
        guard let version = file.number() else { throw .corrupt }
        guard version == Self.version else {
            throw Refusal(description: "it has version \(version) and this agent version \(Self.version)")
        }
        guard let length = file.number(), let checksum = file.number(), length == UInt64(file.bytes.count),
            checksum == fnv1a(file.bytes), let state = Self(payload: &file), file.bytes.isEmpty, state.addsUp
        else { throw .corrupt }
        self = state
    }

    private init?(payload reader: inout ByteReader) {
        guard let bootID = reader.text(), let startTime = reader.text(), let zoneCount = reader.count() else {
            return nil
        }
        self.init(bootID: bootID, startTime: startTime, zones: [], buckets: [], workloads: [])
        for _ in 0..<zoneCount {
            guard let name = reader.text(), let component = reader.text().flatMap(Zone.Component.init(rawValue:)),
                let source = reader.text(), let quality = reader.text().flatMap(Quality.init(rawValue:)),
                let method = reader.text().flatMap(Zone.Method.init(rawValue:)), let energy = reader.number()
            else { return nil }
            zones.append(
                (
                    Zone(name: name, component: component, source: source, quality: quality, method: method),
                    Microjoules(energy)
                ))
        }
        for _ in 0..<Self.bucketCount {
            guard let account = reader.account() else { return nil }
            buckets.append(account)
        }
        guard let workloadCount = reader.count() else { return nil }
        for index in 0..<workloadCount {
            guard let id = reader.text(), let kind = reader.text(), let path = reader.text(), let name = reader.text(),
                let cgroup = reader.number(), let parent = reader.number(), parent <= UInt64(index),
                let account = reader.account()
            else { return nil }
            workloads.append(
                Workload(
                    id: id, kind: kind, path: path, name: name, cgroup: cgroup,
                    parent: parent > 0 ? Int(parent) - 1 : nil, account: account))
        }
        guard Set(workloads.map(\.id)).count == workloads.count,
            Set(zones.map(\.zone.name)).count == zones.count
        else { return nil }
    }
}

internal import Attribution
internal import Units

/// Reads what a ``StateEncoder`` wrote; any bytes do no harm.
struct StateDecoder {
    private struct GroupKey: Hashable {
        let dimension: String
        let parts: [String]
    }

    private struct CommandKey: Hashable {
        let workload: String
        let name: String
    }

    /// Of the file.
    private let version: UInt64
    private var bootID = ""
    private var startTime = ""
    private var zones: [(zone: Zone, energy: Microjoules)] = []
    private var node = NodeTotals()
    /// By place, which counts from one.
    private var workloads: [UInt64: (workload: LedgerState.Workload, parent: UInt64)] = [:]
    private var groups: [GroupKey: Totals] = [:]
    private var commands: [CommandKey: Totals] = [:]
    private var meaning = LedgerState.Meaning()
    private var idle = LedgerState.LearnedIdle()

    private init(_ version: UInt64) {
        self.version = version
    }

    /// The state in a file; nil where the file is damaged.
    ///
    /// The last block may be cut off, where the agent was killed while it wrote it: then the figures of that tick
    /// were not published, and those of the tick before are the last that were.
    static func state(in bytes: ArraySlice<UInt8>, version: UInt64) -> LedgerState? {
        var file = ByteReader(bytes: bytes)
        var decoder = StateDecoder(version)
        guard var base = block(&file), decoder.readBase(&base), base.bytes.isEmpty else { return nil }
        if version < 4 { return file.bytes.isEmpty ? decoder.finish() : nil }
        while !file.bytes.isEmpty {
            let rest = file
            guard var update = block(&file) else {
                return isCutOff(rest) ? decoder.finish() : nil
            }
            guard decoder.readUpdate(&update), update.bytes.isEmpty else { return nil }
        }
        return decoder.finish()
    }

    private static func block(_ file: inout ByteReader) -> ByteReader? {
        guard let length = file.number(), let sum = file.number(), let payload = file.part(length),
            sum == checksum(payload)
        else { return nil }
        return ByteReader(bytes: payload)
    }

    private static func isCutOff(_ rest: ByteReader) -> Bool {
        var rest = rest
        guard let length = rest.number(), rest.number() != nil else { return true }
        return length > UInt64(rest.bytes.count)
    }

    // MARK: Blocks

    private mutating func readBase(_ reader: inout ByteReader) -> Bool {
        let hasCounters = version > 2
        guard let bootID = reader.text(), let startTime = reader.text(), readZones(&reader), readNode(&reader),
            let count = reader.count()
        else { return false }
        (self.bootID, self.startTime) = (bootID, startTime)
        for _ in 0..<count {
            guard let place = reader.number(), workloads[place] == nil, readWhole(place, &reader, hasCounters) else {
                return false
            }
        }
        guard let groupCount = reader.count() else { return false }
        for _ in 0..<groupCount {
            guard let (key, totals) = readGroup(&reader) else { return false }
            // Ledgers of version 3 have each once; a second one would be lost.
            guard groups.updateValue(totals, forKey: key) == nil else { return false }
        }
        guard hasCounters else { return true }
        guard let commandCount = reader.count() else { return false }
        for _ in 0..<commandCount {
            guard let (key, totals) = readCommand(&reader) else { return false }
            commands[key] = totals
        }
        return readMeaning(&reader) && (version < 5 || readIdle(&reader))
    }

    private mutating func readUpdate(_ reader: inout ByteReader) -> Bool {
        guard readZones(&reader), readNode(&reader), let goneCount = reader.count() else { return false }
        for _ in 0..<goneCount {
            guard let place = reader.number() else { return false }
            workloads[place] = nil
        }
        guard let count = reader.count() else { return false }
        for _ in 0..<count {
            guard let place = reader.number(), let kind = reader.number() else { return false }
            guard kind == 1 ? readWhole(place, &reader, true) : readFigures(place, &reader) else { return false }
        }
        guard let groupCount = reader.count() else { return false }
        for _ in 0..<groupCount {
            guard let isShown = reader.number(), let (key, totals) = readGroup(&reader) else { return false }
            groups[key] = isShown == 1 ? totals : nil
        }
        guard let commandCount = reader.count() else { return false }
        for _ in 0..<commandCount {
            guard let isShown = reader.number(), let (key, totals) = readCommand(&reader) else { return false }
            commands[key] = isShown == 1 ? totals : nil
        }
        return readMeaning(&reader)
    }

    // MARK: Parts

    private mutating func readZones(_ reader: inout ByteReader) -> Bool {
        guard let count = reader.count() else { return false }
        zones = []
        for _ in 0..<count {
            guard let id = reader.text().flatMap(ZoneID.init), reader.text() == id.component.rawValue,
                let source = reader.text(), let quality = reader.text().flatMap(Quality.init(rawValue:)),
                let method = reader.text().flatMap(Zone.Method.init(rawValue:)), let energy = reader.number(),
                energy < 1 << 62
            else { return false }
            zones.append((Zone(id, source: source, quality: quality, method: method), Microjoules(energy)))
        }
        return true
    }

    private mutating func readNode(_ reader: inout ByteReader) -> Bool {
        let totals = (0..<NodeTotals.count).compactMap { _ in reader.totals(version) }
        guard let node = NodeTotals(totals) else { return false }
        self.node = node
        return true
    }

    private mutating func readWhole(_ place: UInt64, _ reader: inout ByteReader, _ hasCounters: Bool) -> Bool {
        guard let parent = reader.number(), let id = reader.text(), let kind = reader.text(), let path = reader.text(),
            let name = reader.text(), let cgroup = reader.number(), let totals = reader.totals(version),
            let dimensions = reader.texts()
        else { return false }
        var workload = LedgerState.Workload(
            id: id, kind: kind, path: path, name: name, cgroup: cgroup, parent: nil, totals: totals,
            dimensions: dimensions)
        if hasCounters {
            guard let counters = reader.counters(), let files = reader.namedAmounts() else { return false }
            workload.counters = counters
            workload.files = files
        }
        workloads[place] = (workload, parent)
        return true
    }

    private mutating func readFigures(_ place: UInt64, _ reader: inout ByteReader) -> Bool {
        guard workloads[place] != nil, let totals = reader.totals(version), let counters = reader.counters(),
            let files = reader.namedAmounts()
        else { return false }
        workloads[place]?.workload.totals = totals
        workloads[place]?.workload.counters = counters
        workloads[place]?.workload.files = files
        return true
    }

    private func readGroup(_ reader: inout ByteReader) -> (GroupKey, Totals)? {
        guard let dimension = reader.text(), let parts = reader.texts(), parts.count <= 3,
            let totals = reader.totals(version)
        else { return nil }
        return (GroupKey(dimension: dimension, parts: parts), totals)
    }

    private func readCommand(_ reader: inout ByteReader) -> (CommandKey, Totals)? {
        guard let workload = reader.text(), let name = reader.text(), let totals = reader.totals(version) else {
            return nil
        }
        return (CommandKey(workload: workload, name: name), totals)
    }

    private mutating func readMeaning(_ reader: inout ByteReader) -> Bool {
        guard let events = reader.texts(), let classes = reader.texts() else { return false }
        meaning = LedgerState.Meaning(events: events, classes: classes)
        return true
    }

    private mutating func readIdle(_ reader: inout ByteReader) -> Bool {
        guard let machine = reader.text(), let count = reader.count() else { return false }
        idle = LedgerState.LearnedIdle(machine: machine)
        for _ in 0..<count {
            guard let zone = reader.text(), let numbers = reader.reals() else { return false }
            idle.zones[zone] = numbers
        }
        return true
    }

    // MARK: The whole

    private func finish() -> LedgerState? {
        guard let ordered = orderedWorkloads(), Set(ordered.map(\.id)).count == ordered.count,
            Set(zones.map(\.zone.name)).count == zones.count
        else { return nil }
        var state = LedgerState(
            bootID: bootID, startTime: startTime, zones: zones, node: node, workloads: ordered, meaning: meaning)
        state.idle = idle
        state.groups = groups.map { LedgerState.Group(dimension: $0.dimension, parts: $0.parts, totals: $1) }
            .sorted { ($0.dimension, $0.parts.joined()) < ($1.dimension, $1.parts.joined()) }
        state.commands = commands.map { LedgerState.Command(workload: $0.workload, name: $0.name, totals: $1) }
            .sorted { ($0.workload, $0.name) < ($1.workload, $1.name) }
        return state.addsUp ? state : nil
    }

    /// Parents before their children; nil where that cannot be done.
    private func orderedWorkloads() -> [LedgerState.Workload]? {
        var ordered: [LedgerState.Workload] = []
        var indexOf: [UInt64: Int] = [:]
        for start in workloads.keys.sorted() {
            var chain: [UInt64] = []
            var next = start
            while indexOf[next] == nil {
                guard let parent = workloads[next]?.parent, chain.count <= workloads.count else { return nil }
                chain.append(next)
                // Places count from one: zero is none.
                if parent == 0 { break }
                next = parent
            }
            for place in chain.reversed() {
                guard let (found, parent) = workloads[place] else { return nil }
                var workload = found
                workload.parent = indexOf[parent]
                indexOf[place] = ordered.count
                ordered.append(workload)
            }
        }
        return ordered
    }
}

extension LedgerState {
    /// Reads a state file.
    package init(decoding bytes: [UInt8]) throws(Refusal) {
        // A file that was cut off this early can only be ours.
        guard bytes.starts(with: Self.magic) || Self.magic.starts(with: bytes) else { throw .foreign }
        guard bytes.count >= Self.magic.count else { throw .corrupt }
        var file = ByteReader(bytes: bytes[Self.magic.count...])
        guard let version = file.number() else { throw .corrupt }
        guard version >= Self.oldestVersion, version <= Self.version else {
            throw Refusal(description: "it has version \(version) and this agent version \(Self.version)")
        }
        guard let state = StateDecoder.state(in: file.bytes, version: version) else { throw .corrupt }
        self = state
    }
}

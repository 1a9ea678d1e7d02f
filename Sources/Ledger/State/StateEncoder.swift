package import Attribution
package import Units
internal import Workloads

/// Writes the ledger in the layout of the state file.
///
/// A file is magic and version, then blocks, each with its length and checksum before its payload. The first block is
/// the whole ledger; each one after it holds what a tick changed. A tick costs what it changed, and the file is
/// written anew once those blocks have grown large.
package struct StateEncoder {
    /// What is saved beside the ledger.
    package struct Context {
        package var startTime: String
        package var zones: [(Zone, Microjoules)]
        package var meaning: LedgerState.Meaning
        package var idle: LedgerState.LearnedIdle
        /// What was read from the files of a workload's cgroup, by name.
        package var files: (WorkloadID) -> [String: UInt64]

        package init(
            startTime: String, zones: [(Zone, Microjoules)], meaning: LedgerState.Meaning,
            idle: LedgerState.LearnedIdle = LedgerState.LearnedIdle(),
            files: @escaping (WorkloadID) -> [String: UInt64] = { _ in [:] }
        ) {
            self.startTime = startTime
            self.zones = zones
            self.meaning = meaning
            self.idle = idle
            self.files = files
        }
    }

    private var writer = ByteWriter()

    package init() {}

    /// Length and checksum of a block.
    private static let blockHeader = 16

    /// Gives the storage back. The whole ledger is far larger than what a tick changes.
    package mutating func release() { writer = ByteWriter() }

    /// A whole file.
    package mutating func file(bootID: String, _ ledger: Ledger, _ context: Context) -> [UInt8] {
        writer.clear()
        writer.write(raw: LedgerState.magic)
        writer.write(LedgerState.version)
        let start = beginBlock()
        writer.write(bootID)
        writer.write(context.startTime)
        write(context.zones)
        for totals in ledger.node.all { writer.write(totals) }
        let ids = Array(ledger.tree.ids)
        writer.write(UInt64(ids.count))
        for id in ids {
            writer.write(UInt64(id.index) + 1)
            writeWhole(id, ledger, context)
        }
        let groups = Array(ledger.rollUps.places)
        writer.write(UInt64(groups.count))
        for group in groups { write(ledger.rollUps[group]) }
        let commands = Array(ledger.processes.commands.places)
        writer.write(UInt64(commands.count))
        for command in commands { write(ledger.processes.commands[command]) }
        write(context.meaning)
        write(context.idle)
        endBlock(start)
        return writer.bytes
    }

    /// What changed since ``Ledger/forgetChanges()``, to be added to a file.
    package mutating func update(_ ledger: Ledger, _ context: Context) -> [UInt8] {
        writer.clear()
        let start = beginBlock()
        write(context.zones)
        for totals in ledger.node.all { writer.write(totals) }
        writeWorkloads(ledger, context)
        let groups = ledger.rollUps.changes.places.filter { !ledger.rollUps.changes[$0].isSubset(of: .rates) }
        writer.write(UInt64(groups.count))
        for group in groups {
            writer.write(ledger.rollUps[group].isShown ? UInt64(1) : 0)
            write(ledger.rollUps[group])
        }
        let commands = ledger.processes.commands
        let changed = commands.changes.places.filter { !commands.changes[$0].isSubset(of: .rates) }
        writer.write(UInt64(changed.count))
        for command in changed {
            writer.write(commands[command].isShown ? UInt64(1) : 0)
            write(commands[command])
        }
        write(context.meaning)
        endBlock(start)
        return writer.bytes
    }

    /// Those that are no longer shown; then those of which anything changed, with their description where that did.
    private mutating func writeWorkloads(_ ledger: Ledger, _ context: Context) {
        writer.write(UInt64(ledger.retired.count))
        for id in ledger.retired { writer.write(UInt64(id.index) + 1) }
        let changed = ledger.changes.places.filter { place in
            !ledger.changes[place].isSubset(of: .rates) && ledger.tree.places[place].isShown
        }
        writer.write(UInt64(changed.count))
        for place in changed {
            let id = ledger.tree.id(at: place)
            let isWhole = ledger.changes[place].contains(.description)
            writer.write(UInt64(place) + 1)
            writer.write(isWhole ? UInt64(1) : 0)
            if isWhole {
                writeWhole(id, ledger, context)
            } else {
                writeFigures(id, ledger, context)
            }
        }
    }

    private mutating func writeWhole(_ id: WorkloadID, _ ledger: Ledger, _ context: Context) {
        let workload = ledger.tree.places[id.index]
        // Places count from one: zero is none.
        writer.write(workload.parent.map { UInt64($0) + 1 } ?? 0)
        let identity = workload.identity
        for text in [workload.key, identity.kind.rawValue, identity.path, identity.name] { writer.write(text) }
        writer.write(workload.cgroup)
        writer.write(ledger.totals[id.index])
        writer.write(ledger.rollUps.dimensions(of: id.index))
        writer.write(ledger.counters[id.index])
        writer.write(context.files(id))
    }

    private mutating func writeFigures(_ id: WorkloadID, _ ledger: Ledger, _ context: Context) {
        writer.write(ledger.totals[id.index])
        writer.write(ledger.counters[id.index])
        writer.write(context.files(id))
    }

    private mutating func write(_ group: RollUps.Group) {
        writer.write(group.key.dimension)
        writer.write(group.key.parts)
        writer.write(group.totals)
    }

    private mutating func write(_ command: Commands.Command) {
        writer.write(command.workloadKey)
        writer.write(command.name)
        writer.write(command.totals)
    }

    private mutating func write(_ meaning: LedgerState.Meaning) {
        writer.write(meaning.events)
        writer.write(meaning.classes)
    }

    /// Only with the whole ledger: it changes slowly.
    private mutating func write(_ idle: LedgerState.LearnedIdle) {
        writer.write(idle.machine)
        writer.write(UInt64(idle.zones.count))
        for (zone, numbers) in idle.zones.sorted(by: { $0.key < $1.key }) {
            writer.write(zone)
            writer.write(numbers)
        }
    }

    private mutating func write(_ zones: [(Zone, Microjoules)]) {
        writer.write(UInt64(zones.count))
        for (zone, energy) in zones {
            for text in [
                zone.name, zone.component.rawValue, zone.source, zone.quality.rawValue, zone.method.rawValue,
            ] { writer.write(text) }
            writer.write(energy.count)
        }
    }

    /// Returns where the block begins.
    private mutating func beginBlock() -> Int {
        let start = writer.bytes.count
        for _ in 0..<Self.blockHeader / 8 { writer.write(UInt64(0)) }
        return start
    }

    private mutating func endBlock(_ start: Int) {
        let payload = writer.bytes[(start + Self.blockHeader)...]
        writer.overwrite(UInt64(payload.count), at: start)
        writer.overwrite(checksum(payload), at: start + 8)
    }
}

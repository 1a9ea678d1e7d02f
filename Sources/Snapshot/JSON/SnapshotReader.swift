internal import Synchronization

/// Reads the snapshots of one agent, one after the other. Most workloads of a node rest at any moment: one whose JSON is that
/// of the snapshot before is taken over from it, and costs a comparison of its bytes.
package final class SnapshotReader: Sendable {
    private let last = Mutex<WorkloadMemory?>(nil)

    package init() {}

    /// Throws a `DecodingError`.
    package func read(_ json: [UInt8]) throws -> Snapshot {
        let (snapshot, memory) = try JSONStream.readSnapshot(json, after: last.withLock { $0 })
        last.withLock { $0 = memory }
        return snapshot
    }
}

/// The workloads of a document, in its order, with their bytes.
struct WorkloadMemory {
    private(set) var workloads: [Snapshot.Workload] = []
    private let json: [UInt8]
    private var ranges: [Range<Int>] = []

    init(of json: [UInt8]) {
        self.json = json
    }

    /// How many there are.
    var count: Int { workloads.count }

    mutating func append(_ workload: Snapshot.Workload, range: Range<Int>) {
        workloads.append(workload)
        ranges.append(range)
    }

    /// The workload at `place` if its bytes are those of `bytes` at `range`.
    func workload(at place: Int, equal bytes: [UInt8], at range: Range<Int>) -> Snapshot.Workload? {
        guard place < ranges.count, ranges[place].count == range.count else { return nil }
        return json[ranges[place]].elementsEqual(bytes[range]) ? workloads[place] : nil
    }
}

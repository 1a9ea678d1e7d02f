internal import Accounting
internal import Units

/// What happened in the present window, workload by workload: only those that ran, or bear static energy, have a row.
/// An idle workload costs nothing here.
struct Window {
    /// Of one workload, without what lies below it.
    struct Row {
        let place: Int
        var cpuNanoseconds: UInt64 = 0
        var counters = UsageCounters()
    }

    private(set) var rows: [Row] = []
    /// By place in the tree; -1 for those without a row.
    private var rowOfPlace: [Int32] = []
    /// Energy by zone and then by row, uJ; what follows after the last row is no workload's.
    private(set) var dynamicEnergy: [[UInt64]] = []
    private(set) var staticEnergy: [[UInt64]] = []
    private(set) var zoneCount = 0

    /// The row of a workload; nil where it has none.
    func row(ofPlace place: Int) -> Int? {
        guard place < rowOfPlace.count, rowOfPlace[place] >= 0 else { return nil }
        return Int(rowOfPlace[place])
    }

    /// The row of a workload, made where there is none. O(1), amortised.
    mutating func demandRow(ofPlace place: Int) -> Int {
        if let row = row(ofPlace: place) { return row }
        if place >= rowOfPlace.count {
            rowOfPlace.append(contentsOf: repeatElement(-1, count: place + 1 - rowOfPlace.count))
        }
        rowOfPlace[place] = Int32(rows.count)
        rows.append(Row(place: place))
        return rows.count - 1
    }

    mutating func add(_ growth: UsageCounters, toPlace place: Int) {
        let row = demandRow(ofPlace: place)
        rows[row].cpuNanoseconds = rows[row].cpuNanoseconds.saturatingPlus(growth.cpuNanoseconds)
        rows[row].counters += growth
    }

    /// Takes over the shares of a zone; the arrays that it leaves behind have undefined content.
    mutating func setEnergy(dynamic: inout [UInt64], static staticShares: inout [UInt64], zone: Int) {
        while dynamicEnergy.count <= zone {
            dynamicEnergy.append([])
            staticEnergy.append([])
        }
        zoneCount = max(zoneCount, zone + 1)
        swap(&dynamicEnergy[zone], &dynamic)
        swap(&staticEnergy[zone], &staticShares)
    }

    /// Lays the energy of a row out as ``Totals`` has it; returns the sum, uJ.
    func energy(ofRow row: Int, into amounts: inout [UInt64]) -> UInt64 {
        var sum: UInt64 = 0
        for zone in 0..<zoneCount {
            let dynamicPart = row < dynamicEnergy[zone].count ? dynamicEnergy[zone][row] : 0
            let staticPart = row < staticEnergy[zone].count ? staticEnergy[zone][row] : 0
            amounts[2 * zone] = dynamicPart
            amounts[2 * zone + 1] = staticPart
            sum = sum.saturatingPlus(dynamicPart).saturatingPlus(staticPart)
        }
        return sum
    }

    /// O(rows).
    mutating func removeAll() {
        for row in rows { rowOfPlace[row.place] = -1 }
        rows.removeAll(keepingCapacity: true)
        for zone in dynamicEnergy.indices {
            dynamicEnergy[zone].removeAll(keepingCapacity: true)
            staticEnergy[zone].removeAll(keepingCapacity: true)
        }
        zoneCount = 0
    }
}

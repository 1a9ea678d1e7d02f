internal import Host
internal import Workloads

/// Reads what the cgroups' own files tell, a part of them each tick: quotas, pressure, and the kernel's own account of
/// their CPU time to compare with.
struct CgroupFileReader {
    /// What was read of one workload's cgroup.
    struct Reading {
        /// The first reading: what was before it is not counted.
        var base: CgroupCPUStat
        var last: CgroupCPUStat
        /// The engine's own count at the first and the last reading, ns.
        var ownBase: UInt64
        var ownLast: UInt64
        var pressureBase: CgroupPressure?
        var pressure: CgroupPressure?
    }

    private(set) var readings: [UInt64: Reading] = [:]
    private var turn = 0
    private let root: String?
    private let readsPressure: Bool

    /// Every cgroup is read once in so many ticks.
    private static let rounds = 10

    /// - Parameter tree: nil, and version 1, have no such files.
    init(tree: CgroupTree?, readsPressure: Bool) {
        root = tree.flatMap { $0.version == .unified ? $0.root : nil }
        self.readsPressure = readsPressure
    }

    /// Reads the next part of the workloads. Those whose cgroup is gone keep what was read.
    mutating func update(_ table: inout WorkloadTable) {
        guard let root else { return }
        turn = (turn + 1) % Self.rounds
        for index in stride(from: turn, to: table.workloads.count, by: Self.rounds) {
            let workload = table.workloads[index]
            guard workload.isShown, workload.endedAt == nil, workload.cgroup & CgroupTree.legacyBit == 0,
                workload.identity.path != "/", !workload.identity.path.isEmpty
            else { continue }
            let directory = root + workload.identity.path
            guard let stat = try? CgroupCPUStat(directory: directory) else { continue }
            let pressure = readsPressure ? CgroupPressure(directory: directory) : nil
            let own = workload.account.cpuNanoseconds
            var reading =
                readings[workload.cgroup]
                ?? Reading(
                    base: stat, last: stat, ownBase: own, ownLast: own, pressureBase: pressure, pressure: pressure)
            reading.last = stat
            reading.ownLast = own
            reading.pressure = pressure ?? reading.pressure
            readings[workload.cgroup] = reading
            if stat.throttledPeriods != nil || pressure != nil { table.setView(nil, of: index) }
        }
    }

    mutating func forget(_ cgroup: UInt64) {
        readings[cgroup] = nil
    }

    /// By how much the engine's count of the workloads that have nothing below them differs from the kernel's, as a
    /// share of it. nil where too little ran to tell.
    func difference(_ table: WorkloadTable) -> Double? {
        var theirs = 0.0
        var apart = 0.0
        for workload in table.workloads where workload.isShown && workload.children == 0 && workload.endedAt == nil {
            guard let reading = readings[workload.cgroup] else { continue }
            let grown = Double(reading.last.usageMicroseconds &- reading.base.usageMicroseconds) / 1e6
            let told = Double(reading.ownLast &- reading.ownBase) / 1e9
            theirs += grown
            apart += abs(told - grown)
        }
        // The two are not read at the same moment: a few milliseconds of a second say nothing.
        return theirs > 1 ? apart / theirs : nil
    }
}

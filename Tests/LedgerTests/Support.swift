import Accounting
import Impact
import Workloads

@testable import Ledger

extension Ledger {
    /// One window in which cgroups get to these readings, ns, and in which their dynamic energy is `energy`, uJ by
    /// cgroup; returns the CPU time that was used.
    @discardableResult
    mutating func tick(_ readings: [UInt64: UInt64] = [:], energy: [UInt64: UInt64] = [:]) -> UInt64 {
        beginWindow()
        for (cgroup, time) in readings.sorted(by: { $0.key < $1.key }) {
            use(.init(cgroup: cgroup, counters: UsageCounters(cpuNanoseconds: time)), isBase: false)
        }
        let used = usedNanoseconds
        endWindow(energy: energy)
        return used
    }

    /// Ends a window with this dynamic energy by cgroup, uJ, and checks everything.
    mutating func endWindow(energy: [UInt64: UInt64] = [:], zone: Int = 0) {
        var dynamic = [UInt64](repeating: 0, count: window.rows.count)
        for (cgroup, amount) in energy {
            guard let place = tree.cgroups[cgroup]?.workload, let row = window.row(ofPlace: place) else { continue }
            dynamic[row] += amount
        }
        node.whole.credit(dynamic: dynamic.reduce(0, +), zone: zone)
        var none: [UInt64] = []
        credit(dynamic: &dynamic, static: &none, zone: zone)
        endWindow(Rates(gramsPerKilowattHour: 400, pue: 1))
        _checkInvariants()
    }

    func id(_ key: String) -> WorkloadID? { tree.id(ofKey: key) }

    func time(_ key: String) -> UInt64? { id(key).map { totals(of: $0).cpuNanoseconds } }

    func parent(_ key: String) -> String? {
        id(key).flatMap { tree.parent(of: $0) }.flatMap { tree[$0]?.key }
    }

    var shown: [Workload] { tree.ids.compactMap { tree[$0] } }

    func totals(_ workload: Workload) -> Totals { id(workload.key).map { totals(of: $0) } ?? Totals() }

    /// CPU time of the workloads without a parent, ns.
    var tops: UInt64 {
        tree.ids.filter { tree.parent(of: $0) == nil }.reduce(0) { $0 + totals(of: $1).cpuNanoseconds }
    }
}

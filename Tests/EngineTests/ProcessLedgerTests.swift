import Accounting
import Testing

@testable import Engine

@Suite struct ProcessLedgerTests {
    /// They are read after their cgroup: between the two readings both have run a little longer.
    @Test func processesGetNoMoreThanTheirWorkload() throws {
        var table = WorkloadTable(retention: 60, retentionLimit: 10)
        table.add(cgroup: 7, path: "/a.service")
        let workload = try #require(table.workload(ofCgroup: 7))
        var ledger = ProcessLedger()
        for round in 1...2 {
            let processes = [(pid: Int32(1), comm: "one"), (2, "two")].map { process in
                AccountingSample.ProcessUsage(
                    cgroup: 7, pid: process.pid, cpuNanoseconds: UInt64(round) * 510, comm: process.comm,
                    hasExited: false)
            }
            ledger.update(processes, in: table, isBase: false)
            var (shares, weights) = (
                [UInt64](repeating: 0, count: workload + 1), [UInt64](repeating: 0, count: workload + 1)
            )
            (shares[workload], weights[workload]) = (1_000_000, 1000)
            ledger.credit(shares, weights: weights, zone: 0)
        }
        let energies = ledger.saved().map { $0.account.dynamic.first ?? 0 }
        #expect(energies == [1_000_000, 1_000_000], "\(energies)")
    }
}

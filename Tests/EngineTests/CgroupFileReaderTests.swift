import Ledger
import Linux
import TestSupport
import Testing
import Units

@testable import Engine

@Suite struct CgroupFileReaderTests {
    /// Files that take long do not make the tick long: the rest is read in the ticks that follow.
    @Test(arguments: [(0.0, 1), (0.001, 3)]) func readingStopsInTime(secondsPerFile: Double, ticks: Int) throws {
        let host = try FakeHost()
        _ = try host.store("", as: "cgroup/cgroup.controllers")
        var ledger = Ledger(retention: 600, retentionLimit: 10)
        let names = ["a", "b", "c"]
        ledger.add(cgroup: 100, path: "/first")
        for (number, name) in names.enumerated() {
            _ = try host.store("usage_usec 1000\nnr_throttled 5\nthrottled_usec 7\n", as: "cgroup/\(name)/cpu.stat")
            ledger.add(cgroup: UInt64(number + 1), path: "/\(name)")
        }
        // A tick reads a tenth of the workloads: enough of them for all three at once.
        for number in 0..<30 { ledger.add(cgroup: UInt64(200 + number), path: "/without-files-\(number)") }
        var reader = CgroupFileReader(tree: CgroupTree(cgroupfs: host.paths.cgroupfs), readsPressure: false)
        var time = 0.0
        func countRead() -> Int {
            (1...3).count { id in
                ledger.tree.id(ofCgroup: UInt64(id)).flatMap { reader.reading(of: $0) } != nil
            }
        }
        var needed = 0
        while countRead() < names.count, needed < 10 {
            reader.update(&ledger) {
                defer { time += secondsPerFile }
                return Seconds(time)
            }
            needed += 1
        }
        #expect(needed == ticks)
    }
}

import Ledger
import Linux
import TestSupport
import Testing
import Units

@testable import Engine

@Suite struct CgroupFileReaderTests {
    private func hasRead(_ reader: CgroupFileReader, _ ledger: Ledger) -> Bool {
        ledger.tree.id(ofCgroup: 1).flatMap { reader.reading(of: $0) } != nil
    }

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

    /// What is there but cannot be understood is counted; what is gone is not.
    @Test(arguments: [("usage_usec 1\n", 0), ("usage_usec -1\n", 1), ("", 1), ("\u{0}\u{1}", 1), (nil, 0)])
    func filesThatCannotBeUnderstoodAreCounted(content: String?, failures: UInt64) throws {
        let host = try FakeHost()
        _ = try host.store("", as: "cgroup/cgroup.controllers")
        if let content { _ = try host.store(content, as: "cgroup/a/cpu.stat") }
        var ledger = Ledger(retention: 600, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/a")
        var reader = CgroupFileReader(tree: CgroupTree(cgroupfs: host.paths.cgroupfs), readsPressure: false)
        var rounds = 0
        // A tick reads a tenth of the places, of which this ledger has few: one.
        while !hasRead(reader, ledger), reader.failures == 0, rounds < 10 {
            reader.update(&ledger) { Seconds(0) }
            rounds += 1
        }
        #expect(reader.failures == failures)
    }
}

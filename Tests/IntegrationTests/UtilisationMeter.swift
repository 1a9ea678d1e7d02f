import Glibc
import Linux
import TestSupport

/// A fake RAPL tree that follows the real load of this machine: idle power, and more for every busy CPU. Its counters
/// advance in the hardware's steps and wrap as those do.
final class UtilisationMeter: Sendable {
    static let idleWatts = 10.0
    static let wattsPerCPU = 20.0
    let rapl: FakeRAPL
    private let task: Task<Void, Never>

    /// - Parameter start: the first value of the counter, by default so high that it wraps after 14 s with
    ///   two busy CPUs, by when even a slow machine has started an agent.
    init(startingAt start: UInt64 = FakeRAPL.usualRange - 700_000_000) throws {
        let rapl = try FakeRAPL()
        try rapl.add("intel-rapl:0", name: "package-0", energy: start)
        try rapl.add("intel-rapl:0:0", name: "dram", energy: 5)
        self.rapl = rapl
        task = Task.detached {
            let clock = ContinuousClock()
            var last = clock.now
            var busy = (try? ProcStat(procfs: "/proc").busy) ?? 0
            var package = Double(start)
            var memory = 5.0
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(20))
                let now = clock.now
                guard let stat = try? ProcStat(procfs: "/proc") else { continue }
                let elapsed = (now - last) / .seconds(1)
                package += (Self.idleWatts * elapsed + Self.wattsPerCPU * (stat.busy - busy)) * 1e6
                memory += (3 * elapsed + 2 * (stat.busy - busy)) * 1e6
                (last, busy) = (now, stat.busy)
                // The unit is 61 uJ.
                let steps = UInt64(package) / 61 * 61
                try? rapl.set("intel-rapl:0", steps % FakeRAPL.usualRange)
                try? rapl.set("intel-rapl:0:0", UInt64(memory) % FakeRAPL.usualRange)
            }
        }
    }

    deinit {
        task.cancel()
    }
}

internal import Glibc

/// The CPU time of the whole machine since boot, by kind. `/proc/stat`
package struct ProcStat: Sendable, Equatable {
    /// Everything that ran, without interrupts, s.
    package var busy: Double
    package var idle: Double
    /// Hard and soft interrupts, s.
    package var interrupts: Double
    package var steal: Double
    /// CPUs that are online.
    package var cpuCount: Int { max(1, cpus.count) }
    package var cpus: [CPU]
    /// When the machine started, Unix time, s: since when all of this counts. nil where the file does not have it.
    package var bootUnixTime: Double?

    /// One CPU's time that no task used, s.
    package struct CPU: Sendable, Equatable {
        package var number: Int
        package var idle: Double
        package var iowait: Double
        package var irq: Double
        package var softirq: Double
        package var steal: Double

        package init(number: Int, idle: Double, iowait: Double, irq: Double, softirq: Double, steal: Double) {
            self.number = number
            self.idle = idle
            self.iowait = iowait
            self.irq = irq
            self.softirq = softirq
            self.steal = steal
        }
    }

    package init(procfs: String) throws(HostError) {
        let path = procfs + "/stat"
        try self.init(parsing: try readText(path, limit: 4 << 20), path: path)
    }

    package init(parsing text: String, path: String = "stat") throws(HostError) {
        let lines = lines(of: text)
        guard let total = lines.first, total.hasPrefix("cpu ") else { throw .malformed(path, "no cpu line") }
        let ticks = total.split(separator: " ").dropFirst().map { Double($0) ?? .nan }
        guard ticks.count >= 8, ticks.prefix(8).allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw .malformed(path, "unreadable cpu line: \(printable(String(total)))")
        }
        let hz = Double(clockTicksPerSecond)
        busy = (ticks[0] + ticks[1] + ticks[2]) / hz
        idle = (ticks[3] + ticks[4]) / hz
        interrupts = (ticks[5] + ticks[6]) / hz
        steal = ticks[7] / hz
        bootUnixTime = lines.lazy.filter { $0.hasPrefix("btime ") }.compactMap { UInt32($0.dropFirst(6)) }.first
            .map(Double.init)
        cpus = lines.dropFirst().prefix { $0.hasPrefix("cpu") }.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 9, let number = Int(words[0].dropFirst(3)) else { return nil }
            let times = words.dropFirst().map { Double($0).flatMap { $0.isFinite && $0 >= 0 ? $0 / hz : nil } ?? 0 }
            return CPU(
                number: number, idle: times[3], iowait: times[4], irq: times[5], softirq: times[6], steal: times[7])
        }
    }
}

/// Unit of the times in `/proc`: not always 100.
package let clockTicksPerSecond: Int = max(1, sysconf(Int32(_SC_CLK_TCK)))

/// One process as `/proc/PID/stat` shows it.
package struct ProcessStat: Sendable, Equatable {
    package let pid: Int32
    package let comm: String
    /// CPU time of all its threads, those that ended included, ns; in steps of the clock tick.
    package let cpuNanoseconds: UInt64
    /// Start time in clock ticks since boot: distinguishes two processes with the same pid.
    package let startTicks: UInt64
    package let isKernelThread: Bool

    /// Parses the one line of `/proc/PID/stat`; nil if it is not one. The name may hold spaces and parentheses.
    package init?(parsing line: String) {
        // By bytes: who chooses the name may begin it with a mark that makes another character of the parenthesis.
        guard let open = line.utf8.firstIndex(of: UInt8(ascii: "(")),
            let close = line.utf8.lastIndex(of: UInt8(ascii: ")")), open < close,
            let pid = Int32(Substring(line.utf8[..<open].dropLast()))
        else { return nil }
        // Fields from the third (state) on; proc(5) counts from one.
        let fields = line.utf8[line.utf8.index(after: close)...].split(separator: UInt8(ascii: " ")).map {
            Substring($0)
        }
        guard fields.count >= 20, let flags = UInt64(fields[6]), let user = UInt64(fields[11]),
            let system = UInt64(fields[12]), let start = UInt64(fields[19])
        else { return nil }
        let (ticks, overflow) = user.addingReportingOverflow(system)
        let (time, excess) = ticks.multipliedReportingOverflow(by: 1_000_000_000 / UInt64(clockTicksPerSecond))
        guard !overflow, !excess else { return nil }
        self.pid = pid
        self.comm = String(Substring(line.utf8[line.utf8.index(after: open)..<close]))
        self.cpuNanoseconds = time
        self.startTicks = start
        self.isKernelThread = flags & 0x0020_0000 != 0  // PF_KTHREAD, include/linux/sched.h
    }
}

/// Every process of the machine. Linear in their number: one file each. Those that end meanwhile or cannot be read
/// are left out.
package func listProcesses(procfs: String) throws(HostError) -> [ProcessStat] {
    try listDirectory(procfs).compactMap { entry in
        guard entry.name.utf8.first.map({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) == true,
            let line = try? readText("\(procfs)/\(entry.name)/stat", limit: 4096)
        else { return nil }
        return ProcessStat(parsing: line)
    }
}

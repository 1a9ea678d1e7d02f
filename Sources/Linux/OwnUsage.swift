internal import Glibc

/// What this process uses.
package struct OwnUsage: Sendable, Equatable {
    /// CPU time since the start, s. `getrusage(2)`
    package var cpuSeconds: Double
    /// Resident memory; nil without /proc. `/proc/self/statm`
    package var residentBytes: UInt64?

    package init(cpuSeconds: Double, residentBytes: UInt64?) {
        self.cpuSeconds = cpuSeconds
        self.residentBytes = residentBytes
    }

    /// At present.
    package static func read() -> OwnUsage {
        OwnUsage(cpuSeconds: readCPUSeconds(), residentBytes: readResidentBytes())
    }

    private static func readCPUSeconds() -> Double {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func readResidentBytes() -> UInt64? {
        guard let text = try? readText("/proc/self/statm", limit: 256) else { return nil }
        let words = text.split(separator: " ")
        return words.count > 1 ? UInt64(words[1]).map { $0 &* UInt64(getpagesize()) } : nil
    }
}

internal import Glibc

/// What this process uses and may do.
package enum OwnProcess {
    /// CPU time since the start, s. `getrusage(2)`
    package static var cpuSeconds: Double {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Resident memory in bytes; nil without /proc. `/proc/self/statm`
    package static var residentBytes: UInt64? {
        guard let text = try? readText("/proc/self/statm", limit: 256) else { return nil }
        let words = text.split(separator: " ")
        return words.count > 1 ? UInt64(words[1]).map { $0 * UInt64(getpagesize()) } : nil
    }

    /// Effective capabilities as a bit set. `capabilities(7)`
    package static var capabilities: UInt64 {
        guard let text = try? readText("/proc/self/status", limit: 16384) else { return 0 }
        for line in text.split(separator: "\n") where line.hasPrefix("CapEff:") {
            return line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
        }
        return 0
    }

    /// True if the process may load and attach tracing programs: CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN.
    package static var mayTrace: Bool {
        let held = capabilities
        func has(_ bit: UInt64) -> Bool { held & (1 << bit) != 0 }
        return has(21) || has(39) && has(38)  // CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON: include/uapi/linux/capability.h
    }
}

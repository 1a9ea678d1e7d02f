/// CPU statistics of one cgroup, cumulative since it was created.
package struct CgroupCPUStat: Sendable, Equatable {
    /// CPU time with everything below, us.
    package var usageMicroseconds: UInt64
    /// nil where no CPU quota can be set.
    package var throttledPeriods: UInt64?
    package var throttledMicroseconds: UInt64?

    package init(usageMicroseconds: UInt64, throttledPeriods: UInt64? = nil, throttledMicroseconds: UInt64? = nil) {
        self.usageMicroseconds = usageMicroseconds
        self.throttledPeriods = throttledPeriods
        self.throttledMicroseconds = throttledMicroseconds
    }

    /// Reads `cpu.stat` of a cgroup of the unified hierarchy.
    package init(directory: String) throws(HostError) {
        let path = directory + "/cpu.stat"
        try self.init(parsing: try readText(path, limit: 65536), path: path)
    }

    package init(parsing text: String, path: String = "cpu.stat") throws(HostError) {
        var fields: [Substring: UInt64] = [:]
        for line in lines(of: text) {
            let words = line.split(separator: " ")
            if words.count == 2, let value = UInt64(words[1]) { fields[words[0]] = value }
        }
        guard let usage = fields["usage_usec"] else { throw .malformed(path, "no usage_usec") }
        usageMicroseconds = usage
        throttledPeriods = fields["nr_throttled"]
        throttledMicroseconds = fields["throttled_usec"]
    }
}

/// Pressure stall information of a cgroup: for how long tasks were stalled. Documentation/accounting/psi.rst
package struct CgroupPressure: Sendable, Equatable {
    /// us by resource: `cpu`, `memory`, `io` for some of the tasks, `memory.full`, `io.full` for all of them at once.
    package var microseconds: [String: UInt64] = [:]

    package init(microseconds: [String: UInt64]) {
        self.microseconds = microseconds
    }

    /// Reads the files; nil where the kernel does not keep pressure.
    package init?(directory: String) {
        for resource in ["cpu", "memory", "io"] {
            guard let text = try? readText("\(directory)/\(resource).pressure", limit: 4096) else { continue }
            add(resource, parsing: text)
        }
        if microseconds.isEmpty { return nil }
    }

    /// Lines such as `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234`.
    package init?(resource: String, parsing text: String) {
        add(resource, parsing: text)
        if microseconds.isEmpty { return nil }
    }

    private mutating func add(_ resource: String, parsing text: String) {
        for line in lines(of: text) {
            let words = line.split(separator: " ")
            guard let total = words.last, total.hasPrefix("total="), let value = UInt64(total.dropFirst(6)) else {
                continue
            }
            switch words[0] {
            case "some": microseconds[resource] = value
            // For the CPU, "full" is not meaningful.
            case "full" where resource != "cpu": microseconds[resource + ".full"] = value
            default: break
            }
        }
    }
}

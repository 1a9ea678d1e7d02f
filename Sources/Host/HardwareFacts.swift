package import Energy
internal import Glibc

extension CPUModel {
    /// The CPU of the machine by `/proc/cpuinfo`; nothing there, nothing known.
    package init(procfs: String) {
        self.init(cpuinfo: (try? readText(procfs + "/cpuinfo", limit: 4 << 20)) ?? "")
    }

    /// Reads the first processor's paragraph, x86 or ARM.
    package init(cpuinfo: String) {
        var fields: [Substring: Substring] = [:]
        for line in cpuinfo.split(separator: "\n", maxSplits: 64) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].trimmingSuffix { $0 == "\t" || $0 == " " }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            if fields[key] == nil { fields[key] = value }
        }
        func number(_ key: Substring) -> Int? {
            fields[key].flatMap { $0.hasPrefix("0x") ? Int($0.dropFirst(2), radix: 16) : Int($0) }
        }
        self.init(
            vendor: String(fields["vendor_id"] ?? fields["CPU implementer"] ?? ""),
            family: number("cpu family") ?? number("CPU architecture") ?? 0, model: number("model") ?? 0,
            stepping: number("stepping") ?? 0, part: number("CPU part"),
            name: printable(String(fields["model name"] ?? fields["Hardware"] ?? "")))
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, condition(last) { rest.removeLast() }
        return rest
    }
}

/// Main memory in bytes by `/proc/meminfo`; nil where that cannot be read.
package func totalMemoryBytes(procfs: String) -> UInt64? {
    guard let text = try? readText(procfs + "/meminfo") else { return nil }
    for line in lines(of: text) where line.hasPrefix("MemTotal:") {
        let words = line.split(separator: " ")
        guard words.count >= 2, let kilobytes = UInt64(words[1]) else { return nil }
        let (bytes, isTooMuch) = kilobytes.multipliedReportingOverflow(by: 1024)
        return isTooMuch ? nil : bytes
    }
    return nil
}

/// The machine's name. `gethostname(2)`
package func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// True on a virtual machine, by the CPU's hypervisor flag.
package func isVirtualMachine(procfs: String) -> Bool {
    guard let text = try? readText(procfs + "/cpuinfo", limit: 16384),
        let flags = lines(of: text).first(where: { $0.hasPrefix("flags") })
    else { return false }
    return flags.split(separator: " ").contains("hypervisor")
}

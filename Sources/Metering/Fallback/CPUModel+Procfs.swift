package import Attribution
internal import Linux
internal import Units

extension CPUModel {
    /// The CPU of the machine by `/proc/cpuinfo`; nothing there, nothing known.
    package init(procfs: String) {
        self.init(cpuinfo: (try? readText(procfs + "/cpuinfo", limit: 4 << 20)) ?? "")
        // Boards name themselves in the device tree only.
        guard name.isEmpty, let board = try? readText(procfs + "/device-tree/model", limit: 256) else { return }
        name = printable(board.split(separator: "\0").first.map(String.init) ?? "")
    }

    /// Reads the first processor's paragraph, of any architecture.
    package init(cpuinfo: String) {
        var fields: [Substring: Substring] = [:]
        for line in cpuinfo.split(separator: "\n", maxSplits: 64) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].trimmingSuffix { $0 == "\t" || $0 == " " }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            if fields[key] == nil { fields[key] = value }
        }
        func number(_ key: Substring) -> Int? {
            fields[key].flatMap { parseInteger(String($0)) }
        }
        self.init(
            vendor: String(fields["vendor_id"] ?? fields["CPU implementer"] ?? ""),
            family: number("cpu family") ?? number("CPU architecture") ?? 0, model: number("model") ?? 0,
            stepping: number("stepping") ?? 0, part: number("CPU part"),
            name: printable(processorName { key in fields[key[...]].map { String($0) } }))
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, condition(last) { rest.removeLast() }
        return rest
    }
}

/// The design power of one package of this machine; nil where its name does not show it.
func designPower(of paths: HostPaths) -> Watts? {
    guard let perThread = CPUDesignPower.wattsPerThread(named: CPUModel(procfs: paths.procfs).name),
        let threads = onlineCPUs(sysfs: paths.sysfs)?.count
    else { return nil }
    return Watts(perThread * Double(threads) / Double(max(1, physicalPackages(sysfs: paths.sysfs).count)))
}

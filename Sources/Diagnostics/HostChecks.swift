internal import Attribution
package import Linux
internal import Metering

/// Whether the files that everything else depends on can be read.
package func hostChecks(_ paths: HostPaths) -> [Check] {
    [procCheck(paths), hardwareCheck(paths)]
}

private func procCheck(_ paths: HostPaths) -> Check {
    do {
        let stat = try ProcStat(procfs: paths.procfs)
        return Check("host", "proc", .ok, "\(stat.cpuCount) CPUs in \(paths.procfs)/stat")
    } catch {
        return Check(
            "host", "proc", .fail, "CPU time cannot be read: \(error)",
            remedy: "point --path.procfs at the host's /proc")
    }
}

private func hardwareCheck(_ paths: HostPaths) -> Check {
    let hardware = HardwareFacts(paths)
    let cpu = hardware.cpu.name.isEmpty ? hardware.cpu.vendor : hardware.cpu.name
    let memory = hardware.memoryBytes.map { ", \($0 >> 20) MiB of memory" } ?? ""
    guard !hardware.problems.isEmpty else { return Check("host", "hardware", .ok, cpu + memory) }
    return Check(
        "host", "hardware", .warn, hardware.problems.joined(separator: "; "),
        remedy: "point --path.procfs at the host's /proc if it is mounted elsewhere")
}

internal import Attribution
package import Diagnostics
internal import Glibc
internal import Linux
internal import Metering

/// Whether what everything else rests on can be read, and written.
package func hostChecks(_ configuration: EngineConfiguration) -> [Check] {
    let paths = configuration.paths
    return [procCheck(paths), hardwareCheck(paths)] + (configuration.stateFile.map { [stateCheck($0)] } ?? [])
}

private func check(_ name: String, _ status: Check.Status, _ finding: String, remedy: String? = nil) -> Check {
    Check(area: "host", name: name, status: status, finding: finding, remedy: remedy)
}

private func procCheck(_ paths: HostPaths) -> Check {
    do {
        let stat = try ProcStat(procfs: paths.procfs)
        return check("proc", .ok, "\(stat.cpuCount) CPUs by \(paths.procfs)/stat")
    } catch {
        return check("proc", .fail, "\(error)", remedy: "point --path.procfs at the host's /proc")
    }
}

private func hardwareCheck(_ paths: HostPaths) -> Check {
    let hardware = HardwareFacts(paths)
    let cpu = hardware.cpu.name.isEmpty ? hardware.cpu.vendor : hardware.cpu.name
    let memory = hardware.memoryBytes.map { ", \($0 >> 20) MiB of memory" } ?? ""
    guard let problem = hardware.problems.first else { return check("hardware", .ok, cpu + memory) }
    return check(
        "hardware", .warn, ([problem] + hardware.problems.dropFirst()).joined(separator: "; "),
        remedy: "point --path.procfs at the host's /proc, if that is another")
}

/// The file is replaced, so what counts is its directory.
private func stateCheck(_ path: String) -> Check {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard access(directory, W_OK | X_OK) == 0 else {
        return check(
            "state", .fail, "\(directory): \(String(cString: strerror(errno)))",
            remedy: "make the directory of --state.file, and give it to the agent's user")
    }
    return check("state", .ok, "\(directory) can be written to")
}

/// What the estimate of power is made from.
struct HardwareFacts {
    let cpu: CPUModel
    let memoryBytes: UInt64?
    private let procfs: String

    init(_ paths: HostPaths) {
        procfs = paths.procfs
        cpu = CPUModel(procfs: procfs)
        memoryBytes = totalMemoryBytes(procfs: procfs)
    }

    /// What is not known of the machine, and what that does to an estimate.
    var problems: [String] {
        (cpu.vendor.isEmpty
            ? ["the CPU is unknown (\(procfs)/cpuinfo does not name it): an estimate is that of servers in general"]
            : [])
            + (memoryBytes == nil
                ? ["the size of the memory is unknown (\(procfs)/meminfo does not tell): an estimate leaves it out"]
                : [])
    }
}

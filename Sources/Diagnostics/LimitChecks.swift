internal import Glibc
package import Linux

/// Whether the limits that are set for this process, or for the agent's where one runs, leave room to work.
///
/// - Parameters:
///   - process: `self`, or a process id, in `/proc`.
///   - needed: memory that the agent may need, bytes.
package func limitChecks(_ paths: HostPaths, process: String = "self", needed: UInt64) -> [Check] {
    [memoryCheck(paths, process: process, needed: needed), filesCheck(process: process)]
}

private func memoryCheck(_ paths: HostPaths, process: String, needed: UInt64) -> Check {
    func check(_ status: Check.Status, _ finding: String, _ remedy: String? = nil) -> Check {
        Check("limits", "memory", status, finding, remedy: remedy)
    }
    guard let limit = memoryLimit(paths, process: process) else {
        return check(.ok, "no cgroup limits it; the agent needs at most \(needed >> 20) MiB")
    }
    guard limit >= needed else {
        return check(
            .warn, "the cgroup allows \(limit >> 20) MiB, the agent may need \(needed >> 20) MiB and is killed then",
            "raise the memory limit of its pod or unit to \(needed >> 20) MiB")
    }
    return check(.ok, "the cgroup allows \(limit >> 20) MiB, the agent needs at most \(needed >> 20) MiB")
}

/// The smallest `memory.max` from the process's cgroup up to the root of the mount; nil where there is none.
private func memoryLimit(_ paths: HostPaths, process: String) -> UInt64? {
    guard let text = try? readText("/proc/\(process)/cgroup", limit: 1 << 16),
        let line = lines(of: text).first(where: { $0.hasPrefix("0::/") })
    else { return nil }
    let mounts = [paths.cgroupfs, paths.cgroupfs + "/unified"]
    guard let mount = mounts.first(where: { fileExists($0 + "/cgroup.controllers") }) else { return nil }
    var components = line.dropFirst("0::/".count).split(separator: "/")
    var smallest: UInt64?
    while true {
        let directory = ([Substring(mount)] + components).joined(separator: "/")
        if let limit = try? readNumber(directory + "/memory.max") { smallest = min(smallest ?? limit, limit) }
        guard components.popLast() != nil else { return smallest }
    }
}

/// Hardware counters take a descriptor per event and CPU, clients one each.
private func filesCheck(process: String) -> Check {
    let needed = 64 + 8 * UInt64(max(1, sysconf(Int32(_SC_NPROCESSORS_CONF))))
    guard let limit = openFilesLimit(process: process) else {
        return Check("limits", "files", .absent, "/proc/\(process)/limits cannot be read")
    }
    guard limit >= needed else {
        return Check(
            "limits", "files", .warn, "\(limit) open files are allowed, the agent may need \(needed)",
            remedy: "raise LimitNOFILE of its unit, or the limit of the container runtime")
    }
    return Check("limits", "files", .ok, "\(limit) open files are allowed")
}

/// The hard limit, up to which the agent raises its own.
private func openFilesLimit(process: String) -> UInt64? {
    guard let text = try? readText("/proc/\(process)/limits", limit: 1 << 16),
        let line = lines(of: text).first(where: { $0.hasPrefix("Max open files") })
    else { return nil }
    let words = line.dropFirst("Max open files".count).split(separator: " ")
    return words.count >= 2 ? words[1] == "unlimited" ? .max : UInt64(words[1]) : nil
}

internal import Accounting
package import Diagnostics
internal import Glibc
internal import Linux
internal import Logging

/// How CPU time can be accounted on this machine, found by doing it: it takes a second.
package func accountingChecks(_ configuration: EngineConfiguration) -> [Check] {
    let silent = Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() }
    var checks = [capabilityCheck(), typeCheck(), hierarchyCheck(configuration.paths)]
    do {
        let accounting = try openAccounting(configuration.accounting, logger: silent)
        let tier = accounting.tier
        checks.append(
            check(
                "tier", tier.isDegraded ? .warn : .ok, "tier \(tier.name): \(tier.reason)",
                remedy: tier.kind == .procfs ? "see the checks above; docs/operations.md has every cause" : nil))
        checks += try trial(accounting)
    } catch {
        checks.append(check("tier", .fail, "\(error)"))
    }
    return checks
}

private func check(
    _ name: String, _ status: Check.Status, _ finding: String, remedy: String? = nil
) -> Check {
    Check(area: "accounting", name: name, status: status, finding: finding, remedy: remedy)
}

private func capabilityCheck() -> Check {
    guard Privileges.mayTrace else {
        return check(
            "privileges", .warn, "neither CAP_BPF and CAP_PERFMON nor CAP_SYS_ADMIN: no program can be loaded",
            remedy: "run as root, or with these capabilities: deploy/systemd/energyd.service has them")
    }
    return check("privileges", .ok, "kernel programs may be loaded")
}

private func typeCheck() -> Check {
    guard fileExists("/sys/kernel/btf/vmlinux") else {
        return check(
            "types", .warn, "/sys/kernel/btf/vmlinux is missing: programs cannot be fitted to this kernel",
            remedy: "use a kernel with CONFIG_DEBUG_INFO_BTF, which the distributions' own have")
    }
    return check("types", .ok, "/sys/kernel/btf/vmlinux")
}

private func hierarchyCheck(_ paths: HostPaths) -> Check {
    let trees = CgroupTree.all(paths)
    guard let first = trees.first else {
        return check(
            "cgroups", .warn, "no cgroup hierarchy below \(paths.cgroupfs): only processes are told apart",
            remedy: "mount one, or point --path.cgroupfs at it")
    }
    let roots = trees.map { tree in
        (tree.version == .unified ? "version 2 at " : "version 1 at ") + tree.root
    }.joined(separator: ", ")
    guard first.version != .unified || first.isHostRoot else {
        return check(
            "cgroups", .warn, "\(roots): only a part of the tree is visible",
            remedy: "mount the host's /sys/fs/cgroup and point --path.cgroupfs at it")
    }
    return check("cgroups", .ok, roots)
}

/// Accounts for a second, and looks whether it adds up.
private func trial(_ accounting: any Accounting) throws -> [Check] {
    guard let kernel = accounting as? KernelAccounting else { return [] }
    var activity = AccountingSample()
    let clock = SuspendingClock()
    try kernel.read(into: &activity)
    guard let first = activity.cpu else { return [] }
    let start = clock.now
    usleep(1_000_000)
    try kernel.read(into: &activity)
    guard let last = activity.cpu, let state = activity.kernel else { return [] }
    let whole = (clock.now - start) / .seconds(1) * Double(last.onlineThroughout)
    func grown(_ time: KeyPath<CPUTimeTotals, UInt64>) -> Double {
        Double(last[keyPath: time]) - Double(first[keyPath: time])
    }
    let told = (grown(\.charged) + grown(\.idle) + grown(\.stolen)) / 1e9
    let apart = abs(told - whole) / max(whole, 0.001)
    let lost = ["counter_records_lost", "counter_records_missing", "records_unknown"].reduce(0) {
        $0 + (activity.faults[$1] ?? 0)
    }
    let counters =
        state.counters.isEmpty
        ? "none on this machine"
        : state.counters.joined(separator: ", ") + ((state.countedTurns ?? 1) > 1 ? ", sampled" : "")
    return [
        check(
            "time", apart < 0.02 && lost == 0 ? .ok : .warn,
            "\(Int((told * 1000).rounded())) ms of \(Int((whole * 1000).rounded())) ms of CPU time accounted in a second, "
                + "\(lost) records lost",
            remedy: "please report it with the kernel's version"),
        check(
            "room", .ok,
            "\(activity.usage.count) cgroups ran, room for \(state.cgroupCapacity), \(state.memoryBytes / 1024) KB of kernel "
                + "memory"),
        check("counters", .ok, "hardware counters: \(counters)"),
    ]
}

package import Accounting
internal import Glibc
internal import Linux
internal import Logging

/// How CPU time can be accounted on this machine, found by doing it. Takes a second.
package func accountingChecks(_ configuration: AccountingConfiguration) -> [Check] {
    let silent = Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() }
    var checks = [capabilityCheck(), typeCheck(), hierarchyCheck(configuration.paths)]
    do {
        let accounting = try openAccounting(configuration, logger: silent)
        let tier = accounting.tier
        checks.append(
            check(
                "tier", tier.isDegraded ? .warn : .ok, "\(tier.name): \(tier.reason)",
                remedy: tier.kind == .procfs ? "see the checks above; docs/operations.md lists every cause" : nil))
        checks += try trial(accounting)
    } catch {
        checks.append(
            check(
                "tier", .fail, "\(error)",
                remedy:
                    "run with the agent's privileges, or set --tier auto to use the best tier that this machine allows")
        )
    }
    return checks
}

private func check(_ name: String, _ status: Check.Status, _ finding: String, remedy: String? = nil) -> Check {
    Check("accounting", name, status, finding, remedy: remedy)
}

private func capabilityCheck() -> Check {
    guard Privileges.mayTrace else {
        return check(
            "privileges", .warn,
            "kernel programs cannot be loaded: neither CAP_BPF with CAP_PERFMON nor CAP_SYS_ADMIN is effective",
            remedy: "run as root or with these capabilities, as deploy/systemd/energyd.service does")
    }
    return check("privileges", .ok, "kernel programs can be loaded")
}

private func typeCheck() -> Check {
    guard fileExists("/sys/kernel/btf/vmlinux") else {
        return check(
            "types", .warn, "kernel programs cannot be adapted to this kernel: /sys/kernel/btf/vmlinux is missing",
            remedy: "use a kernel with CONFIG_DEBUG_INFO_BTF, such as those of the distributions")
    }
    return check("types", .ok, "/sys/kernel/btf/vmlinux")
}

private func hierarchyCheck(_ paths: HostPaths) -> Check {
    let trees = CgroupTree.all(paths)
    guard let first = trees.first else {
        return check(
            "cgroups", .warn, "only processes can be shown: no cgroup hierarchy below \(paths.cgroupfs)",
            remedy: "mount one, or point --path.cgroupfs at it")
    }
    let roots = trees.map { "version \($0.version == .unified ? 2 : 1) at \($0.root)" }.joined(separator: ", ")
    guard first.version != .unified || first.isHostRoot else {
        return check(
            "cgroups", .warn, "only part of the cgroup tree is visible: \(roots) is the mount of a cgroup namespace",
            remedy: "mount the host's /sys/fs/cgroup and point --path.cgroupfs at it")
    }
    return check("cgroups", .ok, roots)
}

/// Accounts for a second in which the same CPUs were there, and compares the sum with the clock.
private func trial(_ accounting: any Accounting) throws -> [Check] {
    var sample = AccountingSample()
    try accounting.read(into: &sample)
    var balance: TimeBalance?
    for _ in 0..<5 where balance == nil {
        guard let first = sample.cpu else { return [] }
        usleep(1_000_000)
        try accounting.read(into: &sample)
        guard let last = sample.cpu else { return [] }
        balance = TimeBalance(from: first, to: last)
    }
    guard let state = sample.kernel else { return [] }
    let lost = ["counter_records_lost", "counter_records_missing", "records_unknown"].reduce(0) {
        $0 + (sample.faults[$1] ?? 0)
    }
    let isSampled = (state.countingPeriod ?? 1) > 1
    let counters = state.counters.isEmpty ? "none on this machine" : state.counters.joined(separator: ", ")
    return [
        check(
            "time", (balance?.error ?? 1) < 0.02 && lost == 0 ? .ok : .warn,
            (balance.map { "\(milliseconds($0.accounted)) of \(milliseconds($0.elapsed)) of CPU time accounted" }
                ?? "not compared with the clock: CPUs came or went all the time") + ", \(lost) records lost",
            remedy: "run it again; if this persists, report it with the kernel version (uname -r)"),
        check(
            "room", .ok,
            "\(sample.usage.count) cgroups ran, room for \(state.cgroupCapacity), \(state.memoryBytes / 1024) KB of "
                + "kernel memory"),
        check("counters", .ok, "hardware counters: \(counters)\(isSampled ? ", sampled" : "")"),
    ]
}

private func milliseconds(_ time: Duration) -> String { "\(Int((time / .milliseconds(1)).rounded())) ms" }

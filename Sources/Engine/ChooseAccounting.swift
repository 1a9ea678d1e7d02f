internal import BPF
internal import Host
internal import Logging
internal import Workloads

/// A tier that was asked for by name and cannot be had.
package struct TierUnavailable: Error, CustomStringConvertible {
    package let description: String
}

/// The best tier that this machine and these privileges allow: found by trying, not by version numbers.
func chooseAccounting(_ configuration: EngineConfiguration, logger: Logger) throws -> any Accounting {
    let paths = configuration.paths
    let tree = CgroupTree(cgroupfs: paths.cgroupfs)
    if let tree, !tree.isHostRoot {
        logger.warning(
            "only a part of the cgroup tree is visible",
            metadata: ["remedy": "mount the host's /sys/fs/cgroup and point --path.cgroupfs at it"])
    }
    let reason: String
    switch (configuration.tier, tree) {
    case (.files, _):
        reason = "CPU time is read from cpu.stat and /proc, as asked for"
    case (_, nil):
        reason =
            "no cgroup v2 hierarchy below \(paths.cgroupfs): showing processes only; mount one, or point "
            + "--path.cgroupfs at it"
    case (_, let tree?):
        do {
            let limit = wantsProcesses(configuration, tree) ? configuration.processLimit : 0
            let accounting = try loadKernelAccounting(tree, procfs: paths.procfs, processLimit: limit)
            logger.log(
                level: accounting.tier.isDegraded ? .warning : .info, "\(accounting.tier.reason)",
                metadata: ["tier": "\(accounting.tier.name)"])
            return accounting
        } catch {
            logger.debug("kernel programs refused", metadata: ["error": "\(error)"])
            reason = "CPU time is read from cpu.stat and /proc: \(explain(error))"
        }
    }
    guard configuration.tier != .kernel else { throw TierUnavailable(description: "tier A cannot be had: \(reason)") }
    let tracksProcesses = tree.map { wantsProcesses(configuration, $0) } ?? true
    let accounting = FileAccounting(paths: paths, tree: tree, reason: reason, tracksProcesses: tracksProcesses)
    if configuration.tier != .files { logger.warning("\(reason)", metadata: ["tier": "C"]) }
    return accounting
}

/// With everything, or, where the kernel does not take that, without the programs that follow cgroups coming and going:
/// one missing hook must not cost the accounting itself.
private func loadKernelAccounting(
    _ tree: CgroupTree, procfs: String, processLimit: Int
) throws(BPFError) -> KernelAccounting {
    do {
        return try KernelAccounting(tree: tree, procfs: procfs, processLimit: processLimit)
    } catch {
        guard !error.isPermission || OwnProcess.mayTrace else { throw error }
        return try KernelAccounting(tree: tree, procfs: procfs, processLimit: processLimit, without: error)
    }
}

/// Whether processes are to be kept apart: asked for, or nothing else to show.
private func wantsProcesses(_ configuration: EngineConfiguration, _ tree: CgroupTree) -> Bool {
    switch configuration.processes {
    case .on: true
    case .off: false
    case .automatic: !hasContainers(tree)
    }
}

private func hasContainers(_ tree: CgroupTree) -> Bool {
    let nodes = (try? tree.walk()) ?? []
    return nodes.contains { CgroupIdentity(cgroupPath: $0.path).kind == .container }
}

/// What stands in the way of the kernel programs, and the remedy.
private func explain(_ error: BPFError) -> String {
    if !OwnProcess.mayTrace {
        return "the kernel programs need root or the capabilities CAP_BPF and CAP_PERFMON"
    }
    if !fileExists("/sys/kernel/btf/vmlinux") {
        return "this kernel has no type information (/sys/kernel/btf/vmlinux): it needs CONFIG_DEBUG_INFO_BTF"
    }
    return "this kernel refuses the programs, which need Linux 5.19 or later: \(error)"
}

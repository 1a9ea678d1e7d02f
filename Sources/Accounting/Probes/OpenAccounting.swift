internal import BPF
internal import Linux
package import Logging
internal import Workloads

/// A tier that was configured by name and is not available.
package struct TierUnavailable: Error, CustomStringConvertible {
    package let description: String
}

/// Opens the best tier that this machine and these privileges allow, found by asking the kernel for each feature and not
/// for its version.
package func openAccounting(_ configuration: AccountingConfiguration, logger: Logger) throws -> any Accounting {
    let paths = configuration.paths
    let trees = CgroupTree.all(paths)
    if let tree = trees.first, tree.version == .unified, !tree.isHostRoot {
        logger.warning(
            "only a part of the cgroup tree is visible",
            metadata: ["remedy": "mount the host's /sys/fs/cgroup and point --path.cgroupfs at it"])
    }
    let reason: String
    if configuration.tier == .procfs {
        reason = "CPU time is read from files, as configured"
    } else if trees.isEmpty {
        reason =
            "no cgroup hierarchy below \(paths.cgroupfs): showing processes only; mount one, or point "
            + "--path.cgroupfs at it"
    } else {
        do {
            let accounting = try Privileges.tracing { () throws(BPFError) in
                try loadPrograms(configuration, trees: trees, logger: logger)
            }
            logger.log(
                level: accounting.tier.isDegraded ? .warning : .info, "\(accounting.tier.reason)",
                metadata: ["tier": "\(accounting.tier.name)"])
            return accounting
        } catch {
            logger.debug("kernel programs refused", metadata: ["error": "\(error)"])
            reason = "CPU time is read from files: \(explain(error))"
        }
    }
    guard configuration.tier == .automatic || configuration.tier == .procfs else {
        throw TierUnavailable(description: "tier \(configuration.tier.rawValue) is not available: \(reason)")
    }
    let tree = treeForFiles(trees)
    let accounting = FileAccounting(
        paths: paths, tree: tree, reason: reason, tracksProcesses: wantsProcesses(configuration, trees))
    if configuration.tier != .procfs { logger.warning("\(reason)", metadata: ["tier": "\(accounting.tier.name)"]) }
    return accounting
}

/// Loads what the kernel's features allow. What cannot be probed beforehand is tried: hardware events, and the hooks
/// for cgroups, which lockdown forbids.
private func loadPrograms(
    _ configuration: AccountingConfiguration, trees: [CgroupTree], logger: Logger
) throws(BPFError) -> KernelAccounting {
    let plan = try KernelPlan(configuration.tier)
    var full = settings(configuration, trees: trees, logger: logger)
    plan.apply(to: &full)
    var attempts = [full]
    if !full.counters.isEmpty {
        full.counters = []
        attempts.append(full)
    }
    full.hasNames = false
    attempts.append(full)

    var refusal: BPFError?
    for settings in attempts {
        do {
            return try KernelAccounting(
                trees: trees, paths: configuration.paths, settings: settings, maxCgroups: configuration.cgroupLimit,
                limitation: refusal.map { "\($0)" } ?? plan.limitation)
        } catch {
            guard !error.isPermission || Privileges.mayTrace else { throw error }
            logger.debug("kernel programs refused", metadata: ["error": "\(error)"])
            refusal = refusal ?? error
        }
    }
    throw refusal ?? BPFError(operation: "load the kernel programs", code: 0)
}

/// Cgroups to have room for in any case: 64 bytes each on every CPU, 1 MB on small machines and 16 MB on large ones.
private let minCapacity = max(1024, min(4096, (16 << 20) / (64 * Machine.possibleCPUs)))

/// The settings for everything that is configured.
private func settings(
    _ configuration: AccountingConfiguration, trees: [CgroupTree], logger: Logger
) -> KernelSettings {
    let live = trees.reduce(0) { $0 + ((try? $1.walk().count) ?? 0) }
    var settings = KernelSettings(
        cgroupCapacity: configuration.cgroupCapacity
            ?? min(configuration.cgroupLimit, max(minCapacity, (live * 2).roundedUpToPowerOfTwo)),
        topology: CPUTopology(sysfs: configuration.paths.sysfs, cpuCount: Machine.possibleCPUs))
    settings.processCapacity = wantsProcesses(configuration, trees) ? configuration.processLimit : 0
    settings.tracksWaits = configuration.tracksWaits
    settings.counterBudget = configuration.counterBudget
    settings.counters = openableCounters(configuration, logger: logger)
    return settings
}

/// The hardware counters that the machine has, none where one of them is missing: they are used together.
private func openableCounters(_ configuration: AccountingConfiguration, logger: Logger) -> [PerfCounter.Event] {
    let wanted: [PerfCounter.Event]
    switch configuration.counters {
    case .off: return []
    case .automatic: wanted = [.cycles, .instructions, .cacheMisses]
    case .software: wanted = [.cpuClock, .contextSwitches, .pageFaults]
    }
    do {
        for event in wanted { _ = try PerfCounter(event, cpus: [0]) }
        return wanted
    } catch {
        logger.debug("no hardware counters", metadata: ["error": "\(error)"])
        return []
    }
}

/// Whether to account per process: configured, or there are no containers.
private func wantsProcesses(_ configuration: AccountingConfiguration, _ trees: [CgroupTree]) -> Bool {
    switch configuration.processes {
    case .on: true
    case .off: false
    case .automatic: !trees.contains(where: hasContainers)
    }
}

private func hasContainers(_ tree: CgroupTree) -> Bool {
    let nodes = (try? tree.walk()) ?? []
    return nodes.contains { CgroupIdentity(cgroupPath: $0.path).kind == .container }
}

/// Files describe only one hierarchy: the one with the containers, or the unified one where both have some or none.
private func treeForFiles(_ trees: [CgroupTree]) -> CgroupTree? {
    trees.first(where: hasContainers) ?? trees.first
}

/// Why the kernel programs cannot be loaded, and the remedy.
private func explain(_ error: BPFError) -> String {
    if !Privileges.mayTrace {
        return "the kernel programs need root or the capabilities CAP_BPF and CAP_PERFMON"
    }
    return "\(error)"
}

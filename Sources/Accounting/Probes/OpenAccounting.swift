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
    let survey = Survey(trees)
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
                try loadPrograms(configuration, survey, logger: logger)
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
    let accounting = FileAccounting(
        paths: paths, tree: survey.treeForFiles, reason: reason,
        tracksProcesses: wantsProcesses(configuration, survey))
    if configuration.tier != .procfs { logger.warning("\(reason)", metadata: ["tier": "\(accounting.tier.name)"]) }
    return accounting
}

/// Loads what the kernel's features allow. What cannot be probed beforehand is tried: hardware events, and the hooks
/// for cgroups, which lockdown forbids.
private func loadPrograms(
    _ configuration: AccountingConfiguration, _ survey: Survey, logger: Logger
) throws(BPFError) -> KernelAccounting {
    let plan = try KernelPlan(configuration.tier)
    var full = settings(configuration, survey, logger: logger)
    plan.apply(to: &full)
    var attempts = [full]
    if !full.counters.isEmpty {
        full.counters = []
        attempts.append(full)
    }
    if full.events == .functions {
        full.events = .tracepoints
        attempts.append(full)
    }
    full.events = .none
    attempts.append(full)

    var refusal: BPFError?
    for settings in attempts {
        do {
            return try KernelAccounting(
                trees: survey.trees, paths: configuration.paths, settings: settings,
                maxCgroups: configuration.cgroupLimit,
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
    _ configuration: AccountingConfiguration, _ survey: Survey, logger: Logger
) -> KernelSettings {
    var settings = KernelSettings(
        cgroupCapacity: configuration.cgroupCapacity
            ?? min(configuration.cgroupLimit, max(minCapacity, (survey.cgroups * 2).roundedUpToPowerOfTwo)),
        topology: CPUTopology(sysfs: configuration.paths.sysfs, cpuCount: Machine.possibleCPUs))
    settings.processCapacity = wantsProcesses(configuration, survey) ? configuration.processLimit : 0
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
private func wantsProcesses(_ configuration: AccountingConfiguration, _ survey: Survey) -> Bool {
    switch configuration.processes {
    case .on: true
    case .off: false
    case .automatic: !survey.hasContainers
    }
}

/// A first look at the hierarchies.
private struct Survey {
    let trees: [CgroupTree]
    /// Cgroups that there are, as far as they were counted.
    private(set) var cgroups = 0
    private var withContainers: CgroupTree?

    /// Cgroups of each hierarchy that are looked at: a user may have made any number, and the agent has to start.
    private static let limit = 20000

    init(_ trees: [CgroupTree]) {
        self.trees = trees
        for tree in trees {
            let walk = tree.startWalk()
            var hasContainers = false
            _ = try? walk.step(Self.limit) { node in
                if !hasContainers, !node.isDeep {
                    hasContainers = CgroupIdentity(cgroupPath: node.path).kind == .container
                }
            }
            cgroups += walk.count
            if hasContainers, withContainers == nil { withContainers = tree }
        }
    }

    var hasContainers: Bool { withContainers != nil }

    /// Files describe only one hierarchy: the one with the containers, or the unified one where both have some or none.
    var treeForFiles: CgroupTree? { withContainers ?? trees.first }
}

/// Why the kernel programs cannot be loaded, and the remedy.
private func explain(_ error: BPFError) -> String {
    if !Privileges.mayTrace {
        return "the kernel programs need root or the capabilities CAP_BPF and CAP_PERFMON"
    }
    return "\(error)"
}

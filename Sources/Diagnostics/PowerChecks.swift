internal import Attribution
internal import Glibc
package import Linux
internal import Logging
package import Metering
internal import Units

/// Tries every power source; reports its power, or why it is missing. Takes a second, and up to eight where a meter is
/// slow or seems not to advance.
///
/// - Parameter modelFile: of `energyctl model export`; nil for none.
package func powerChecks(_ configuration: PowerConfiguration, paths: HostPaths, modelFile: String?) -> [Check] {
    let clock = ContinuousClock()
    let origin = clock.now
    let silent = Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() }
    var meters = MeterSet(
        configuration, paths: paths,
        fallback: PowerFallback(
            paths: paths, estimates: configuration.sources.contains(.estimate), modelPath: modelFile), logger: silent)
    var last = (time: Seconds(0), busy: try? ProcStat(procfs: paths.procfs).busy)
    for round in 0..<8 {
        let now = Seconds(clock.now - origin)
        let stat = try? ProcStat(procfs: paths.procfs)
        let busy = last.busy.flatMap { before in stat.map { max(0, $0.busy - before) } } ?? 0
        let usage = NodeUsage(
            duration: Seconds(now.value - last.time.value), busy: Seconds(busy), cpuCount: stat?.cpuCount ?? 1)
        last = (now, stat?.busy)
        meters.sample(at: now)
        _ = meters.collect(usage, at: now)
        if round > 0, meters.isSettled, !meters.mayStandStill { break }
        usleep(1_100_000)
    }
    return meters.checks(paths)
}

extension MeterSet {
    fileprivate func checks(_ paths: HostPaths) -> [Check] {
        let hasPackages = meters.contains { $0.isSelectable && $0.covers(.package) && $0.hasReadings }
        return meters.map { $0.check(hasAlternative: hasPackages, paths: paths) } + [nodeCheck()] + modelCheck()
            + agreement()
    }

    /// True while a counter shows nothing, and it is not certain yet that it never will.
    fileprivate var mayStandStill: Bool {
        meters.contains { $0.isSelectable && $0.readings.contains { $0.zone.method == .counter && $0.total == .zero } }
    }

    private func nodeCheck() -> Check {
        func check(_ status: Check.Status, _ finding: String, _ remedy: String? = nil) -> Check {
            Check("power", "node", status, finding, remedy: remedy)
        }
        let shown = zones.compactMap { metered in metered.power.map { (zone: metered.zone, power: $0) } }
        let list = shown.map { zone, power in
            // An estimate says so by its quality.
            let source = zone.source == SourceKind.estimate.rawValue ? "" : "\(zone.source), "
            return "\(zone.name) \(rounded(power.value)) W (\(source)\(zone.quality.rawValue))"
        }.joined(separator: ", ")
        if shown.isEmpty {
            return check(.fail, "no power source has a reading", "keep the estimate in --power.sources")
        }
        // psys that reads less than the packages inside it is no meter of the node.
        let isRefuted = crossChecks(soFar: true).contains { $0.isOfPsys && !$0.agrees }
        if let nodeMeter, !isRefuted {
            return check(.ok, "\(nodeMeter.source) measures the whole node, \(rounded(totalPower.value)) W: \(list)")
        }
        guard shown.contains(where: { $0.zone.quality == .measured }) else {
            if shown.contains(where: { $0.zone.quality == .modelled }) {
                return check(
                    .ok, "no meter: power is modelled from a node with the same CPU, \(list) at the present load")
            }
            return check(
                .warn, "no meter: power is estimated from the CPU, \(list) at the present load",
                "shares of workloads are not affected; absolute figures are, see docs/model.md")
        }
        return check(
            .ok,
            "the node is the sum of its measured parts, \(rounded(totalPower.value)) W: \(list); the rest is not metered"
        )
    }

    private func modelCheck() -> [Check] {
        guard let modelRefusal = fallback.modelRefusal else { return [] }
        return [
            Check(
                "power", "model", .fail, modelRefusal,
                remedy: "export a file on a node with this CPU and a meter: energyctl model export")
        ]
    }

    /// A first impression: the agent compares for longer.
    private func agreement() -> [Check] {
        crossChecks(soFar: true).map { verdict in
            Check(
                "power", verdict.title, verdict.agrees ? .ok : .warn,
                "over a few seconds, \(verdict.finding)",
                remedy: verdict.agrees ? nil : "\(verdict.remedy); energyd_source_agrees compares over a longer time")
        }
    }
}

extension Meter {
    /// The agent's first reading takes some seconds; this one is taken now.
    private func batteryCheck(_ paths: HostPaths, _ check: Check) -> Check {
        var check = check
        check.status = .ok
        let root = paths.sysfs + "/class/power_supply"
        if let power = batteryPower(root) {
            check.finding = "the battery supplies \(rounded(power.value)) W (\(batteryStates(root)))"
        } else if let reason = whyBatteryPowerIsUnknown(root) {
            check.finding = "\(reason) (\(batteryStates(root)))"
        } else {
            check.finding = "no battery is discharging (\(batteryStates(root)))"
        }
        return check
    }

    /// - Parameter hasAlternative: a meter has readings of the packages.
    fileprivate func check(hasAlternative: Bool, paths: HostPaths) -> Check {
        var check = Check("power", name, .ok, "", remedy: diagnosis?.remedy)
        if let diagnosis {
            check.finding = diagnosis.finding
            switch diagnosis.code {
            case .inapplicable: check.status = isRequested ? .fail : .absent
            case .missing where kind == .rapl: check.status = isRequested ? .fail : hasAlternative ? .absent : .warn
            // Only looked for if configured.
            case .missing where kind == .host: check.status = .fail
            case .missing, .notConfigured: check.status = isRequested ? .fail : .absent
            case .permission, .masked, .garbage, .unreachable:
                check.status = isRequested || !hasAlternative ? .fail : .warn
            }
            return check
        }
        let health = source?.health ?? SourceHealth()
        guard hasReadings else {
            check.status = health.errors > 0 ? (hasAlternative ? .warn : .fail) : .warn
            if kind == .battery { return batteryCheck(paths, check) }
            let still = stillZones.max { $0.key < $1.key }?.value
            check.finding =
                still ?? health.lastError ?? "no reading yet"
            if still != nil {
                check.remedy = "nothing here changes that: another source or the estimate takes its place"
            } else if kind == .host, health.errors > 0 {
                check.remedy = "look at what serves the share; see \"a hung share\" in docs/operations.md"
            }
            return check
        }
        var parts = readings.map { "\($0.zone.name) \(rounded($0.energy.power(over: window).value)) W" }
        if kind == .rapl, !covers(.dram) { parts.append("no memory zone: the figures leave memory out") }
        check.finding = (parts + health.remarks).joined(separator: "; ")
        if health.errors > 0 {
            check.status = .warn
            check.finding += "; \(health.lastError ?? "")"
        } else if !health.remarks.isEmpty, kind != .hwmon, kind != .redfish {
            check.status = .warn
            check.remedy = "nothing to do: each counter is used once; a newer kernel shows one zone per counter"
        }
        return check
    }
}

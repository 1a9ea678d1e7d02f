internal import Attribution
internal import Glibc
package import Linux
internal import Logging
package import Metering
internal import Units

/// Tries every power source; reports its power, or why it is missing. Takes a second, and up to six where a meter is
/// slow.
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
    let cpuCount = (try? ProcStat(procfs: paths.procfs).cpuCount) ?? 1
    var last = Seconds(0)
    for round in 0..<6 {
        let now = Seconds(clock.now - origin)
        let window = Seconds(now.value - last.value)
        last = now
        meters.sample(at: now)
        // CPU time is not read here: an estimate is that of an idle machine.
        _ = meters.collect(NodeUsage(duration: window, busy: Seconds(0), cpuCount: cpuCount), at: now)
        if round > 0, meters.isSettled { break }
        usleep(1_100_000)
    }
    return meters.checks()
}

extension MeterSet {
    fileprivate func checks() -> [Check] {
        let hasPackages = meters.contains { $0.isSelectable && $0.covers(.package) && $0.hasReadings }
        return meters.map { $0.check(hasAlternative: hasPackages) } + [nodeCheck()] + modelCheck() + agreement()
    }

    private func nodeCheck() -> Check {
        func check(_ status: Check.Status, _ finding: String, _ remedy: String? = nil) -> Check {
            Check("power", "node", status, finding, remedy: remedy)
        }
        let shown = zones.compactMap { metered in metered.power.map { (zone: metered.zone, power: $0) } }
        let list = shown.map { zone, power in
            // An estimate says so by its quality.
            let source = zone.source == SourceKind.estimate.rawValue ? "" : "\(zone.source), "
            return "\(zone.name) \(tenths(power.value)) W (\(source)\(zone.quality.rawValue))"
        }.joined(separator: ", ")
        if shown.isEmpty {
            return check(.fail, "no power source has a reading", "keep the estimate in --power.sources")
        }
        if let nodeMeter {
            return check(.ok, "\(nodeMeter.source) measures the whole node, \(tenths(totalPower.value)) W: \(list)")
        }
        guard shown.contains(where: { $0.zone.quality == .measured }) else {
            if shown.contains(where: { $0.zone.quality == .modelled }) {
                return check(
                    .ok, "no meter: power is modelled from a node with the same CPU, \(list) at rest")
            }
            return check(
                .warn, "no meter: power is estimated from the CPU, \(list) at rest",
                "shares of workloads are not affected; absolute figures are, see docs/model.md")
        }
        return check(
            .ok,
            "the node is the sum of its measured parts, \(tenths(totalPower.value)) W: \(list); the rest is not metered"
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
        crossChecks(soFar: true).map { state in
            Check(
                "power", "\(state.zone) (\(state.source), \(state.other))", state.agrees ? .ok : .warn,
                "\(state.other) reports \(tenths(state.ratio * 10) / 10) times the energy that \(state.source) reports"
                    + (state.agrees ? "" : ", over a few seconds"),
                remedy: state.agrees
                    ? nil
                    : "leave the wrong one out of --power.sources; energyd_source_agrees compares over a longer time")
        }
    }
}

extension Meter {
    /// - Parameter hasAlternative: a meter has readings of the packages.
    fileprivate func check(hasAlternative: Bool) -> Check {
        var check = Check("power", name, .ok, "", remedy: diagnosis?.remedy)
        if let diagnosis {
            check.finding = diagnosis.finding
            switch diagnosis.code {
            case .missing where kind == .rapl: check.status = isRequested ? .fail : hasAlternative ? .ok : .warn
            // Only looked for if configured.
            case .missing where kind == .host: check.status = .fail
            case .missing, .notConfigured: check.status = isRequested ? .fail : .ok
            case .permission, .masked, .garbage, .unreachable:
                check.status = isRequested || !hasAlternative ? .fail : .warn
            }
            return check
        }
        let health = source?.health ?? SourceHealth()
        guard hasReadings else {
            check.status = health.errors > 0 ? (hasAlternative ? .warn : .fail) : kind == .battery ? .ok : .warn
            check.finding = health.lastError ?? (kind == .battery ? "no battery is discharging" : "no reading yet")
            return check
        }
        var parts = readings.map { "\($0.zone.name) \(tenths($0.energy.power(over: window).value)) W" }
        if kind == .rapl, !covers(.dram) { parts.append("no memory zone: the figures leave memory out") }
        check.finding = (parts + health.remarks).joined(separator: "; ")
        if health.errors > 0 {
            check.status = .warn
            check.finding += "; \(health.lastError ?? "")"
        } else if !health.remarks.isEmpty, kind != .hwmon {
            check.status = .warn
            check.remedy = "nothing to do: each counter is used once; a newer kernel shows one zone per counter"
        } else if readings.allSatisfy({ $0.energy == .zero }) {
            check.status = .warn
            check.finding += ": the counter does not advance"
            check.remedy = nil
        }
        return check
    }
}

/// To one digit after the point.
private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

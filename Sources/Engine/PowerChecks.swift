internal import Attribution
package import Diagnostics
internal import Glibc
internal import Linux
internal import Logging
internal import Metering
internal import Snapshot
internal import Units

/// Tries every meter and tells what it shows, or why there is none. Takes a second, and up to six where a meter is slow.
package func powerChecks(_ configuration: EngineConfiguration) -> [Check] {
    let clock = ContinuousClock()
    let origin = clock.now
    let silent = Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() }
    var meter = PowerMeter(configuration: configuration, logger: silent)
    let cpuCount = (try? ProcStat(procfs: configuration.paths.procfs).cpuCount) ?? 1
    var last = Seconds(0)
    for round in 0..<6 {
        let now = Seconds(clock.now - origin)
        let window = Seconds(now.value - last.value)
        last = now
        meter.sample(at: now)
        // Nobody is asked who uses the CPU: an estimate is that of an idle machine.
        _ = meter.collect(NodeActivity(duration: window, busy: Seconds(0), cpuCount: cpuCount), at: now)
        if round > 0, meter.isSettled { break }
        usleep(1_100_000)
    }
    return meter.checks()
}

extension PowerMeter {
    fileprivate func checks() -> [Check] {
        let hasPackages = slots.contains { $0.kind != .battery && $0.offers(.package) && $0.hasReadings }
        return slots.map { $0.check(isOnlyHope: !hasPackages, wasAskedFor: wasAskedFor($0)) } + [nodeCheck()]
            + modelCheck()
            + agreement()
    }

    private func nodeCheck() -> Check {
        func check(_ status: Check.Status, _ finding: String, _ remedy: String? = nil) -> Check {
            Check(area: "power", name: "node", status: status, finding: finding, remedy: remedy)
        }
        let shown = states().filter(\.isUp)
        let zones = shown.map { "\($0.name) \(tenths($0.powerWatts ?? 0)) W (\($0.source), \($0.quality))" }
            .joined(separator: ", ")
        if shown.isEmpty { return check(.fail, "no source says anything", "leave the model among --power.sources") }
        if let meter = nodeState {
            return check(.ok, "the node is what \(meter.source) measures, \(tenths(totalPower.value)) W: \(zones)")
        }
        guard shown.contains(where: { $0.quality == Quality.measured.rawValue }) else {
            if shown.contains(where: { $0.quality == Quality.modelled.rawValue }) {
                return check(
                    .ok, "no meter: power is modelled by what a node of the same CPU measured, \(zones) at rest")
            }
            return check(
                .warn, "no meter: power is estimated from the CPU family, \(zones) at rest",
                "shares between workloads do not suffer; absolute figures do, see docs/model.md")
        }
        return check(
            .ok,
            "the node is the sum of its measured parts, \(tenths(totalPower.value)) W: \(zones); no meter sees the rest"
        )
    }

    private func modelCheck() -> [Check] {
        guard let modelRefusal else { return [] }
        return [
            Check(
                area: "power", name: "model", status: .fail, finding: modelRefusal,
                remedy: "export one on a node of this CPU that has a meter: energyctl model export")
        ]
    }

    /// A first impression: the agent compares for longer.
    private func agreement() -> [Check] {
        firstCrossChecks.map { state in
            Check(
                area: "power", name: "\(state.zone) (\(state.source), \(state.other))",
                status: state.agrees ? .ok : .warn,
                finding:
                    "\(state.other) shows \(tenths(state.ratio * 10) / 10) times the energy that \(state.source) does"
                    + (state.agrees ? "" : ", in the seconds that this took"),
                remedy: state.agrees
                    ? nil : "leave the wrong one out with --power.sources; energyd_source_agrees is the longer look")
        }
    }
}

extension MeterSlot {
    /// - Parameters:
    ///   - isOnlyHope: no other meter has packages.
    ///   - wasAskedFor: the user named the sources.
    fileprivate func check(isOnlyHope: Bool, wasAskedFor: Bool) -> Check {
        var check = Check(area: "power", name: name, status: .ok, finding: "", remedy: diagnosis?.remedy)
        if let diagnosis {
            check.finding = diagnosis.finding
            switch diagnosis.code {
            case .missing where kind == .rapl: check.status = wasAskedFor ? .fail : isOnlyHope ? .warn : .ok
            // It is never looked for unless it was named.
            case .missing where kind == .host: check.status = .fail
            case .missing, .notConfigured: check.status = wasAskedFor ? .fail : .ok
            case .permission, .masked, .garbage, .unreachable: check.status = isOnlyHope || wasAskedFor ? .fail : .warn
            }
            return check
        }
        let health = source?.health ?? SourceHealth()
        guard hasReadings else {
            check.status = health.errors > 0 ? (isOnlyHope ? .fail : .warn) : kind == .battery ? .ok : .warn
            check.finding = health.lastError ?? (kind == .battery ? "no battery is being emptied" : "no reading yet")
            return check
        }
        var parts = readings.map { "\($0.zone.name) \(tenths($0.energy.power(over: window).value)) W" }
        if kind == .rapl, !offers(.dram) { parts.append("no zone for memory, which is not in the figures") }
        check.finding = (parts + health.remarks).joined(separator: "; ")
        if health.errors > 0 {
            check.status = .warn
            check.finding += "; \(health.lastError ?? "")"
        } else if !health.remarks.isEmpty, kind != .hwmon {
            check.status = .warn
            check.remedy = "nothing to do: it is dealt with; a newer kernel shows one zone per counter"
        } else if readings.allSatisfy({ $0.energy == .zero }) {
            check.status = .warn
            check.finding += ": the counter stands still"
            check.remedy = nil
        }
        return check
    }
}

/// To one digit after the point.
private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

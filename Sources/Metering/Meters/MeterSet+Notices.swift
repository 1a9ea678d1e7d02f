internal import Attribution
internal import Units

extension MeterSet {
    /// What does not work as well as it could, each with its remedy.
    package var notices: [String] {
        var notices = crossCheck.notices
        if let source = fallback.source, sourceOf[.package] == source.name, nodeMeter == nil {
            notices.append("\(fallback.summary): \(missing)")
        } else if !isPowerKnown {
            // Where there is a fallback it takes over within seconds.
            notices.append("power is unknown\(fallback.source == nil ? "" : " at the moment"): \(missing)")
        } else {
            notices += unreadable + still
        }
        notices += uncounted
        if let modelRefusal = fallback.modelRefusal { notices.append(modelRefusal) }
        for meter in meters where meter.isRequested {
            guard let problem = meter.diagnosis?.description ?? meter.failure else { continue }
            // The same problem is reported once.
            if !notices.contains(where: { $0.contains(problem) }) {
                notices.append("power source \(meter.name): \(problem)")
            }
        }
        return notices
    }

    /// Zones that are missing from the figures though their meter is open.
    private var unreadable: [String] {
        meters.compactMap { meter in
            let still = meter.stillZones
            let names = zones.filter { !$0.isUp && $0.zone.source == meter.name && still[$0.zone.id] == nil }.map(
                \.zone.name)
            guard meter.source != nil, !names.isEmpty else { return nil }
            let reason = meter.source?.health.lastError ?? "\(meter.name) has no reading"
            return "\(names.joined(separator: ", ")) cannot be read at the moment: \(reason)"
        }
    }

    /// Counters of zones without a reading that do not advance.
    private var still: [String] {
        meters.flatMap { meter in
            meter.stillZones.sorted { $0.key < $1.key }.compactMap { id, finding in
                let isReplaced = zones.contains { $0.zone.id == id && $0.isUp }
                return isReplaced ? nil : "\(id) (\(meter.name)) is left out: \(finding)"
            }
        }
    }

    /// Energy that was not counted in the last minutes.
    private var uncounted: [String] {
        meters.flatMap { meter in
            meter.uncounted.sorted { $0.key < $1.key }.compactMap { id, energy in
                guard let last = energy.lastTime, time.value - last.value < Self.longestNotice else { return nil }
                let refused = "\(rounded(energy.refused.joules)) J that its counter showed were not believed"
                let lost = "about \(rounded(energy.lost.joules)) J were used while its counter showed nothing"
                let parts = (energy.refused > .zero ? [refused] : []) + (energy.lost > .zero ? [lost] : [])
                return "\(id) (\(meter.name)): \(parts.joined(separator: ", and ")) since the start; "
                    + "see power_implausible, power_reset and power_gap in docs/operations.md"
            }
        }
    }

    /// For how long after energy was not counted that is said, s.
    private static let longestNotice = 900.0

    /// Why there is no better source: the reason of the most preferred one that has any.
    var missing: String {
        for meter in meters {
            if let failure = meter.failure { return failure }
            if let diagnosis = meter.diagnosis, diagnosis.code != .notConfigured { return diagnosis.description }
        }
        let open = meters.filter { $0.source != nil && $0.isSelectable }
        return open.lazy.compactMap { $0.source?.health.lastError }.first
            ?? open.first.map { "\($0.name) has no reading yet" } ?? "no power source is configured"
    }
}

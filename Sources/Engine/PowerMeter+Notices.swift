internal import Attribution
internal import Metering

extension PowerMeter {
    /// False while nobody measures or estimates the processors: what the other zones show then is not the node's power.
    var isKnown: Bool {
        let packages = zones.indices.filter { zones[$0].component == .package }
        return nodeMeter != nil || (packages.isEmpty ? isUp.contains(true) : packages.contains { isUp[$0] })
    }

    /// What does not work as well as it could, each with its remedy.
    var notices: [String] {
        var notices = check.notices
        if let model, inUse[.package] == model.name, nodeMeter == nil {
            notices.append("\(substitute): \(missing)")
        } else if !isKnown {
            // Before long the estimate steps in, where there is one.
            notices.append("power is unknown\(model == nil ? "" : " at the moment"): \(missing)")
        } else {
            notices += lost
        }
        if let modelRefusal { notices.append(modelRefusal) }
        for slot in slots where wasAskedFor(slot) {
            guard let problem = slot.diagnosis?.description ?? slot.failure else { continue }
            // Once is enough.
            if !notices.contains(where: { $0.contains(problem) }) {
                notices.append("power source \(slot.name): \(problem)")
            }
        }
        return notices
    }

    /// Zones that are missing from the figures though their meter is there.
    private var lost: [String] {
        slots.compactMap { slot in
            let names = zones.indices.filter { !isUp[$0] && zones[$0].source == slot.name }.map { zones[$0].name }
            guard slot.source != nil, !names.isEmpty else { return nil }
            let reason = slot.source?.health.lastError ?? "\(slot.name) says nothing"
            return "\(names.joined(separator: ", ")) cannot be read at the moment: \(reason)"
        }
    }

    /// True where the user named the source, or told how to reach it.
    func wasAskedFor(_ slot: MeterSlot) -> Bool {
        switch slot.kind {
        case .host where configuration.hostTree != nil: true
        case .redfish where configuration.redfish != nil: true
        default: configuration.isExplicit
        }
    }

    /// Why there is no better source: what the first of them said.
    var missing: String {
        for slot in slots {
            if let failure = slot.failure { return failure }
            if let diagnosis = slot.diagnosis, diagnosis.code != .notConfigured { return diagnosis.description }
        }
        let open = slots.filter { $0.source != nil && $0.kind != .battery }
        return open.lazy.compactMap { $0.source?.health.lastError }.first
            ?? open.first.map { "\($0.name) has not said anything yet" } ?? "no power source is configured"
    }
}

extension MeterSlot {
    /// Why the source that is there has no reading; nil where it has one, or has not failed.
    fileprivate var failure: String? {
        guard let health = source?.health, !hasReadings, health.errors > 0 else { return nil }
        return health.lastError
    }
}

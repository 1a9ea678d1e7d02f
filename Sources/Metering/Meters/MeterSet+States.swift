internal import Attribution
package import Units

extension MeterSet {
    /// True once every open meter has a reading, or has had the time for one and an error.
    package var isSettled: Bool { meters.allSatisfy { $0.source == nil || !$0.isSelectable || $0.hasResult } }

    /// Names of the zones, by index.
    package var zoneNames: [String] { zones.map(\.zone.name) }

    /// Of the zones that could be read in the last window.
    package var totalPower: Watts { zones.reduce(Watts(0)) { $0 + ($1.power ?? Watts(0)) } }

    /// The sources that are open or configured, and the fallback where it is in use or the only one.
    package var states: [MeterState] {
        var states = meters.filter { $0.source != nil || $0.isRequested }.map { meter in
            meter.state(at: time, isInUse: sourcesInUse.contains(meter.name))
        }
        if let fallback = fallback.source, sourceOf[.package] == fallback.name || states.isEmpty {
            states.append(MeterState(name: fallback.name, isUp: true, isInUse: true))
        }
        return states
    }

    /// What the meters were seen to do that changes figures (`wrap`, `reset`, `gap`, `implausible`), as counts.
    package var events: [String: UInt64] {
        meters.reduce(into: [:]) { $0.merge($1.source?.health.events ?? [:], uniquingKeysWith: +) }
    }

    /// The verdict on each pair of meters that was compared for long enough.
    ///
    /// - Parameter soFar: also first impressions, of a second or more.
    package func crossChecks(soFar: Bool = false) -> [CrossCheck.Verdict] { crossCheck.verdicts(soFar: soFar) }

    /// False while the processors are neither measured nor estimated: the power of the other zones is not the node's.
    package var isPowerKnown: Bool {
        let packages = zones.filter { $0.zone.component == .package }
        return nodeMeter != nil || (packages.isEmpty ? zones : packages).contains(where: \.isUp)
    }
}

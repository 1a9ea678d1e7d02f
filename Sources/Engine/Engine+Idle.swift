internal import Attribution
internal import Formatting
internal import Metering
internal import Snapshot
internal import Units

/// What is known of the node's idle power, for readers.
extension Engine {
    private var idle: [(zone: MeteredZone, estimate: StaticEstimate)] {
        meters.zones.enumerated().compactMap { index, zone in
            guard zone.isUp else { return nil }
            return attributor.state(ofZone: index).staticEstimate.map { (zone, $0) }
        }
    }

    /// The zones' static power together; nil where there is none.
    var staticPower: Snapshot.StaticPower? {
        let idle = idle
        guard let quality = idle.map(\.estimate.quality).max(),
            let worst = idle.map({ max($0.zone.zone.quality, $0.estimate.quality.dynamicQuality) }).max()
        else { return nil }
        return Snapshot.StaticPower(
            watts: idle.reduce(0) { $0 + $1.estimate.power.value },
            lowWatts: idle.reduce(0) { $0 + $1.estimate.bounds.lowerBound.value },
            highWatts: idle.reduce(0) { $0 + $1.estimate.bounds.upperBound.value }, quality: quality.rawValue,
            dynamicQuality: worst.rawValue,
            quietestCPUs: idle.compactMap(\.estimate.quietest).max().map { $0 * Double(cpuCount) })
    }

    /// The part of the node's power that may be idle or not, from which on a notice says so.
    private static let noticeable = 0.1

    /// Says what is a guess where the power itself is measured, and what contradicts the configuration.
    var idleNotices: [String] {
        let measured = idle.filter { $0.zone.zone.quality == .measured }
        let guessed = measured.filter { $0.estimate.quality > .learned && $0.estimate.quietest != nil }
        var notices: [String] = []
        let doubt = guessed.reduce(0) { $0 + $1.estimate.bounds.upperBound.value - $1.estimate.bounds.lowerBound.value }
        if doubt > Self.noticeable * meters.totalPower.value, let state = staticPower {
            let seen = state.quietestCPUs.map { ": the node was never seen below \(text($0)) busy CPUs" } ?? ""
            let origin = guessed.contains { $0.estimate.quality == .prior } ? "published figures" : "an extrapolation"
            notices.append(
                "idle power rests on \(origin)\(seen); it is between \(text(state.lowWatts)) and "
                    + "\(text(state.highWatts)) W, and so far the energy of workloads is \(state.dynamicQuality), not measured: "
                    + "a minute at rest settles it, or --power.idle")
        }
        for (zone, estimate) in measured where estimate.quality == .configured {
            guard let power = zone.power, power < estimate.power * 0.98 else { continue }
            notices.append(
                "--power.idle gives \(zone.zone.name) \(text(estimate.power.value)) W, and it draws "
                    + "\(text(power.value)) W: nothing is left for workloads; correct the figure")
        }
        return notices
    }

    /// Two digits of what deserves no more.
    private func text(_ value: Double) -> String {
        let scale = value < 9.95 ? 10.0 : 1.0
        return scale == 1 ? "\(Int(value.rounded()))" : "\((value * scale).rounded() / scale)"
    }
}

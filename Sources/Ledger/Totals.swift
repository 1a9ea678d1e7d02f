package import Impact
package import Units

/// What one workload has used since the agent started, everything below it included: CPU time, switches, energy by
/// zone and mode, emissions. Only ever grows. Beside it, what of that is of the present window.
package struct Totals: Equatable, Sendable {
    package internal(set) var cpuNanoseconds: UInt64 = 0
    /// Context switches.
    package internal(set) var switches: UInt64 = 0
    /// Dynamic and static energy of zone 0, of zone 1, ..., uJ. Shorter where the rest is zero.
    private var energy: [UInt64] = []
    package internal(set) var emissions = Grams(0)
    /// Since when it counts, Unix time, s; 0 where that is since the ledger began.
    package internal(set) var since = 0.0
    /// Of the present window alone.
    package private(set) var windowNanoseconds: UInt64 = 0
    package private(set) var windowEnergy = Microjoules.zero

    package init(since: Double = 0) {
        self.since = since
    }

    /// - Parameters:
    ///   - dynamicEnergy: by zone, uJ; `staticEnergy` likewise.
    init(
        cpuNanoseconds: UInt64, switches: UInt64, dynamicEnergy: [UInt64], staticEnergy: [UInt64], emissions: Grams,
        since: Double = 0
    ) {
        self.since = since
        self.cpuNanoseconds = cpuNanoseconds
        self.switches = switches
        self.emissions = emissions
        for (zone, amount) in dynamicEnergy.enumerated() { add(amount, at: 2 * zone) }
        for (zone, amount) in staticEnergy.enumerated() { add(amount, at: 2 * zone + 1) }
    }

    /// Cumulative dynamic energy of a zone, uJ.
    package func dynamicEnergy(_ zone: Int) -> UInt64 { 2 * zone < energy.count ? energy[2 * zone] : 0 }

    /// Cumulative static energy of a zone, uJ.
    package func staticEnergy(_ zone: Int) -> UInt64 { 2 * zone + 1 < energy.count ? energy[2 * zone + 1] : 0 }

    /// Zones of which anything but zero may be known.
    package var zoneCount: Int { energy.count / 2 }

    /// True where nothing was ever used.
    package var isZero: Bool { cpuNanoseconds == 0 && switches == 0 && energy.allSatisfy { $0 == 0 } }

    /// Adds CPU time of the present window.
    package mutating func run(_ nanoseconds: UInt64, switches: UInt64 = 0) {
        cpuNanoseconds = cpuNanoseconds.saturatingPlus(nanoseconds)
        windowNanoseconds = windowNanoseconds.saturatingPlus(nanoseconds)
        self.switches = self.switches.saturatingPlus(switches)
    }

    /// Adds energy of the present window, uJ.
    package mutating func credit(dynamic: UInt64, static: UInt64 = 0, zone: Int) {
        guard dynamic > 0 || `static` > 0 else { return }
        add(dynamic, at: 2 * zone)
        add(`static`, at: 2 * zone + 1)
        windowEnergy = windowEnergy + Microjoules(dynamic.saturatingPlus(`static`))
    }

    /// Adds energy of the present window, laid out as ``energy``, `sum` uJ together.
    mutating func credit(_ amounts: [UInt64], sum: UInt64) {
        if energy.count < amounts.count {
            energy.append(contentsOf: repeatElement(0, count: amounts.count - energy.count))
        }
        for (place, amount) in amounts.enumerated() where amount > 0 {
            energy[place] = energy[place].saturatingPlus(amount)
        }
        windowEnergy = windowEnergy + Microjoules(sum)
    }

    /// Adds what another has used until now, its window left out.
    mutating func inherit(_ other: Totals) {
        // Later it stays: to readers, figures with another beginning are others.
        if isZero { since = min(since, other.since) }
        cpuNanoseconds = cpuNanoseconds.saturatingPlus(other.cpuNanoseconds)
        switches = switches.saturatingPlus(other.switches)
        for (place, amount) in other.energy.enumerated() { add(amount, at: place) }
        emissions += other.emissions
    }

    /// True where the window changed nothing.
    package var isQuiet: Bool { windowNanoseconds == 0 && windowEnergy == .zero }

    /// Turns the energy of the window into emissions. Once per window.
    package mutating func endWindow(_ rates: Rates) {
        if windowEnergy > .zero { emissions += rates.emissions(of: windowEnergy) }
    }

    package mutating func beginWindow() {
        windowNanoseconds = 0
        windowEnergy = .zero
    }

    private mutating func add(_ amount: UInt64, at place: Int) {
        if energy.count <= place { energy.append(contentsOf: repeatElement(0, count: (place | 1) + 1 - energy.count)) }
        energy[place] = energy[place].saturatingPlus(amount)
    }
}

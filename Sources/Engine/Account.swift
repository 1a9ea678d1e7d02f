internal import Accounting
internal import Units

/// What one workload has used since the agent started, everything below it included. Only ever grows.
struct Account: Equatable {
    var cpuNanoseconds: UInt64 = 0
    var switches: UInt64 = 0
    /// By zone index, uJ. Shorter than the list of zones where the rest is zero.
    var dynamic: [UInt64] = []
    var fixed: [UInt64] = []
    var emissions = Grams(0)
    /// Of the present window alone.
    var windowNanoseconds: UInt64 = 0
    var windowEnergy = Microjoules.zero

    /// True where the window changed nothing.
    var isQuiet: Bool { windowNanoseconds == 0 && windowEnergy == .zero }

    /// Adds dynamic energy of the present window.
    mutating func credit(_ energy: UInt64, zone: Int) {
        Self.add(energy, at: zone, to: &dynamic)
        windowEnergy = windowEnergy + Microjoules(energy)
    }

    /// Adds static energy of the present window.
    mutating func creditStatic(_ energy: UInt64, zone: Int) {
        Self.add(energy, at: zone, to: &fixed)
        windowEnergy = windowEnergy + Microjoules(energy)
    }

    mutating func run(_ nanoseconds: UInt64, switches: UInt64) {
        cpuNanoseconds = cpuNanoseconds.saturatingPlus(nanoseconds)
        windowNanoseconds = windowNanoseconds.saturatingPlus(nanoseconds)
        self.switches = self.switches.saturatingPlus(switches)
    }

    /// Takes over the past of a workload that is no longer kept.
    mutating func inherit(_ other: Account) {
        cpuNanoseconds = cpuNanoseconds.saturatingPlus(other.cpuNanoseconds)
        switches = switches.saturatingPlus(other.switches)
        for (zone, energy) in other.dynamic.enumerated() { Self.add(energy, at: zone, to: &dynamic) }
        for (zone, energy) in other.fixed.enumerated() { Self.add(energy, at: zone, to: &fixed) }
        emissions += other.emissions
    }

    mutating func beginWindow() {
        windowNanoseconds = 0
        windowEnergy = .zero
    }

    private static func add(_ energy: UInt64, at zone: Int, to amounts: inout [UInt64]) {
        while amounts.count <= zone { amounts.append(0) }
        amounts[zone] = amounts[zone].saturatingPlus(energy)
    }
}

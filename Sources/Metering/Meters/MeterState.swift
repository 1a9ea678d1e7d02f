package import Attribution
package import Units

/// How a power source is doing, for users.
package struct MeterState: Sendable, Equatable {
    /// The source's name: `rapl`, `ipmi`.
    package var name: String
    /// False where it is missing, or had no reading of the last window.
    package var isUp: Bool
    /// Failed readings since the start.
    package var errors: UInt64 = 0
    /// Why it is missing, or what failed last, with the remedy; nil where nothing failed.
    package var lastError: String?
    /// Readings that worked.
    package var reads: UInt64?
    /// Time since the last of them; nil before the first.
    package var age: Seconds?
    /// Time between two readings; zero where it is read with every tick; nil where it is missing.
    package var interval: Seconds?
    /// True where figures of the last window come from it.
    package var isInUse = false
    /// Energy that was not counted, by the zone of a counter.
    package var uncounted: [ZoneID: UncountedEnergy] = [:]
}

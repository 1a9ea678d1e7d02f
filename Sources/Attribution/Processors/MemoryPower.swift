package import Units

/// Estimates the power of memory from its size, for machines without a DRAM meter.
///
/// Known for the memory beside a ``MeasuredPart``; else a rough guess, and its band says so. DRAM RAPL of three
/// bare-metal machines (Teads turbostress reports, 2021, CC0) reads, in W per GB at rest, under CPU stress and under
/// memory stress: 0.23, 0.46, 1.04 (c5, 192 GiB), 0.14, 0.34, 0.62 (r5, 768 GiB) and 0.02, 0.04, 0.10 (i3, 512 GiB).
/// Number and kind of the modules, their sleep states and how much is read and written decide, and none of that is
/// known from a size.
package struct MemoryPower: Sendable {
    /// W per GB under CPU stress: 0.34 and 0.46 as above; 0.375 by Crucial and 0.408 by Micron (Cloud Carbon
    /// Footprint's methodology, 2021, Apache-2.0).
    package static let activeWattsPerGigabyte = 0.38

    /// W per GB at rest: between the 0.14 and 0.23 above.
    package static let idleWattsPerGigabyte = 0.19

    /// The share of the span between the two that is drawn at 0, 10 ... 100 % load, mean of the three machines: memory
    /// leaves its sleep at the first accesses.
    private static let curve = [0, 0.54, 0.60, 0.62, 0.67, 0.74, 0.83, 0.88, 0.92, 0.96, 1]

    /// True where the memory beside such processors was measured.
    package let isMeasured: Bool
    /// W per GB at 0, 10 ... 100 % load.
    private let wattsPerGigabyte: [Double]
    /// Lowest and highest power that is considered possible, as a factor.
    private let spread: ClosedRange<Double>

    /// - Parameter part: what was measured beside this machine's processor, if anything.
    package init(beside part: MeasuredPart?) {
        isMeasured = part != nil
        let span = Self.activeWattsPerGigabyte - Self.idleWattsPerGigabyte
        wattsPerGigabyte = part?.memoryWatts ?? Self.curve.map { Self.idleWattsPerGigabyte + $0 * span }
        // Memory stress takes 2.3 to 2.6 times as much as the same load of arithmetic; other modules may be fitted.
        // Where nothing is known, a tenth for modules that sleep, to three times as much for those that work hard.
        spread = part == nil ? 0.1...3 : 0.67...2.6
    }

    /// The power of `gigabytes` of memory in a machine whose processors are busy for `utilization` (0 to 1) of the
    /// time; how busy the memory itself is remains unknown.
    package func watts(gigabytes: Double, utilization: Double) -> Watts {
        Watts(max(gigabytes, 0) * interpolate(wattsPerGigabyte, at: utilization))
    }

    /// The band around it.
    package func band(gigabytes: Double, utilization: Double) -> ClosedRange<Watts> {
        let power = watts(gigabytes: gigabytes, utilization: utilization)
        return power * spread.lowerBound...power * spread.upperBound
    }
}

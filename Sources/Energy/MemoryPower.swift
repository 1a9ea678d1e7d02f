/// Estimates the power of memory from its size, for machines without a DRAM meter.
///
/// A rough guess, and its band says so. DRAM RAPL of three bare-metal machines (Teads turbostress reports, 2021, CC0)
/// reads, in W per GiB at rest, under CPU stress and under memory stress: 0.24, 0.49, 1.11 (c5, 192 GiB), 0.16, 0.36,
/// 0.66 (r5, 768 GiB) and 0.02, 0.04, 0.10 (i3, 512 GiB). Number and kind of the modules, their sleep states and how
/// much is read and written decide, and none of that is known from a size.
package enum MemoryPower {
    /// W per GB under CPU stress: 0.36 and 0.49 as above; 0.375 by Crucial and 0.408 by Micron (Cloud Carbon
    /// Footprint's methodology, 2021, Apache-2.0).
    package static let activeWattsPerGigabyte = 0.38

    /// W per GB at rest: between the 0.16 and 0.24 above.
    package static let idleWattsPerGigabyte = 0.19

    /// The share of the span between the two that is drawn at 0, 10 ... 100 % load, mean of the three machines: memory
    /// leaves its sleep at the first accesses.
    private static let curve = [0, 0.54, 0.60, 0.62, 0.67, 0.74, 0.83, 0.88, 0.92, 0.96, 1]

    /// The power of `gigabytes` of memory in a machine whose processors are busy for `utilization` (0 to 1) of the
    /// time; nothing says how busy the memory is itself.
    package static func watts(gigabytes: Double, utilization: Double) -> Watts {
        let active = interpolate(curve, at: utilization)
        let wattsPerGigabyte = idleWattsPerGigabyte + active * (activeWattsPerGigabyte - idleWattsPerGigabyte)
        return Watts(max(gigabytes, 0) * wattsPerGigabyte)
    }

    /// The band around it: a tenth, for modules that sleep, to three times as much, for those that work hard.
    package static func band(gigabytes: Double, utilization: Double) -> ClosedRange<Watts> {
        let power = watts(gigabytes: gigabytes, utilization: utilization)
        return power * 0.1...power * 3
    }
}

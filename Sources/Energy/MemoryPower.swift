/// Estimates the power of memory from its size, for machines without a DRAM meter.
package enum MemoryPower {
    /// W per GB under load. Cloud Carbon Footprint's methodology, 2021, Apache-2.0: the mean of Crucial's 0.375 and
    /// Micron's 0.408.
    package static let activeWattsPerGigabyte = 0.39

    /// W per GB at rest: the middle of the 0.25 to 0.36 that idle servers draw, rounded down. DRAM RAPL of bare metal
    /// (c5, 192 GB) reads 0.24; Teads turbostress reports, 2021, CC0.
    package static let idleWattsPerGigabyte = 0.30

    /// Half the width of the error band, as a share: modules differ more than processors do. Under a pure memory
    /// stress DRAM RAPL of bare metal goes beyond it, to 1.1 W per GB.
    package static let relativeError = 0.6

    /// The power of `gigabytes` of memory in a machine whose processors are busy for `utilization` (0 to 1) of the
    /// time; memory follows the processors' curve, for nothing says how busy it is itself.
    package static func watts(gigabytes: Double, utilization: Double) -> Watts {
        let active = CPUPowerProfile.dynamicFraction(at: utilization)
        let wattsPerGigabyte = idleWattsPerGigabyte + active * (activeWattsPerGigabyte - idleWattsPerGigabyte)
        return Watts(max(gigabytes, 0) * wattsPerGigabyte)
    }
}

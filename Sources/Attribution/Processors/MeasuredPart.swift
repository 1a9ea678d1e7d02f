/// A processor whose packages and memory were metered on bare metal at every load.
///
/// Package and DRAM RAPL under CPU stress at 0, 10 ... 100 % load: Teads turbostress reports, 2021, CC0. Memory: that of
/// AWS' instances (https://aws.amazon.com/ec2/instance-types, 2021): c5.metal 192 GiB, r5.metal 768, i3.metal 512.
/// Guests of such hosts have no meter of their own.
package struct MeasuredPart: Sendable {
    /// W per hardware thread at 0, 10 ... 100 % load.
    package let packageWatts: [Double]
    /// W per GB (10^9 bytes) at the same loads.
    package let memoryWatts: [Double]

    private init(threads: Double, gibibytes: Double, packages: [Double], memory: [Double]) {
        packageWatts = packages.map { $0 / threads }
        memoryWatts = memory.map { $0 / (gibibytes * 1.073741824) }
    }

    /// The part with this name (as in /proc/cpuinfo); nil where it was never measured.
    package static func named(_ name: String) -> MeasuredPart? { table[CPUDesignPower.key(of: name)] }

    private static let table: [String: MeasuredPart] = [
        "platinum 8275cl": MeasuredPart(
            threads: 96, gibibytes: 192,
            packages: [59.46, 174.23, 242.55, 299.39, 372.07, 440.93, 522.17, 563.97, 592.22, 605.54, 617.36],
            memory: [46.80, 74.04, 76.98, 75.68, 77.71, 81.04, 86.64, 88.44, 90.65, 92.45, 94.26]),
        "platinum 8259cl": MeasuredPart(
            threads: 96, gibibytes: 768,
            packages: [54.71, 137.92, 178.35, 223.88, 272.12, 306.93, 343.82, 375.16, 400.71, 425.65, 440.09],
            memory: [119.43, 197.66, 211.05, 217.25, 227.92, 235.08, 248.06, 258.05, 264.84, 271.77, 276.94]),
        "e5-2686 v4": MeasuredPart(
            threads: 72, gibibytes: 512,
            packages: [34.98, 99.86, 125.81, 152.35, 178.49, 205.39, 223.15, 237.65, 250.14, 263.30, 272.33],
            memory: [11.35, 17.50, 17.84, 18.14, 18.78, 19.90, 20.43, 21.00, 21.42, 21.82, 22.26]),
    ]
}

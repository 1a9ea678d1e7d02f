/// A processor whose packages and memory were metered on bare metal at every load.
///
/// Package and DRAM RAPL under CPU stress at 0, 10 ... 100 % load: Teads turbostress reports, 2021, CC0
/// (https://github.com/github-benjamin-davy/turbostressreports). Memory: that of AWS' instances
/// (https://aws.amazon.com/ec2/instance-types, 2021): c5.metal, c5n.metal and m5zn.metal 192 GiB, m5.metal and z1d.metal
/// 384, r5.metal 768, i3.metal 512.
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
        "platinum 8124m": MeasuredPart(
            threads: 72, gibibytes: 192,
            packages: [50.66, 134.85, 174.04, 212.08, 249.48, 293.21, 329.88, 357.26, 382.02, 403.87, 412.67],
            memory: [37.34, 67.45, 68.88, 69.38, 70.44, 74.93, 78.26, 80.25, 81.73, 83.25, 84.55]),
        "platinum 8175m": MeasuredPart(
            threads: 96, gibibytes: 384,
            packages: [57.88, 146.63, 193.42, 245.54, 298.20, 343.70, 380.53, 416.92, 453.27, 480.81, 491.77],
            memory: [57.81, 92.39, 95.41, 98.77, 103.82, 111.48, 116.25, 120.08, 125.49, 129.12, 132.04]),
        "platinum 8252c": MeasuredPart(
            threads: 48, gibibytes: 192,
            packages: [57.38, 147.46, 211.87, 269.79, 330.86, 381.08, 417.08, 452.59, 480.95, 512.50, 512.72],
            memory: [47.67, 69.08, 77.27, 79.05, 81.61, 83.33, 85.13, 86.75, 87.72, 88.66, 89.19]),
        "platinum 8151": MeasuredPart(
            threads: 48, gibibytes: 384,
            packages: [47.57, 147.94, 197.97, 244.72, 304.62, 360.60, 388.91, 413.07, 446.61, 470.54, 480.23],
            memory: [49.54, 92.05, 97.06, 97.74, 100.83, 104.18, 104.76, 106.46, 108.05, 109.12, 110.53]),
        "e5-2686 v4": MeasuredPart(
            threads: 72, gibibytes: 512,
            packages: [34.98, 99.86, 125.81, 152.35, 178.49, 205.39, 223.15, 237.65, 250.14, 263.30, 272.33],
            memory: [11.35, 17.50, 17.84, 18.14, 18.78, 19.90, 20.43, 21.00, 21.42, 21.82, 22.26]),
    ]
}

// Watts per hardware thread of a whole server, medians over the results that were published for SPECpower_ssj2008
// (https://www.spec.org/power_ssj2008/results/), counted and dated beside each row. Identified by the family lists of
// Cloud Carbon Footprint (https://github.com/cloud-carbon-footprint/ccf-coefficients, Apache-2.0).
//
// They are figures of the wall, of machines tuned for the benchmark, with a modest amount of memory; without load they
// agree with package RAPL of bare metal to 10 %.
extension CPUFamily {
    /// Idle and maximum watts of one hardware thread, and the share of the median maximum that four fifths of the
    /// results lie within; at least 0.4, for fast parts under stress draw up to that much more than the median.
    package var wattsPerThread: (idle: Double, maximum: Double, relativeError: Double) {
        switch self {
        case .amdEpycGen1: (0.744, 2.320, 0.40)  // 10 results, 2018 to 2019
        case .amdEpycGen2: (0.437, 1.664, 0.40)  // 36 results, 2019 to 2020
        case .amdEpycGen3: (0.424, 1.916, 0.40)  // 28 results, 2021 to 2022
        case .amdEpycGen4: (0.377, 1.849, 0.45)  // 42 results, 2022 to 2024
        case .amdEpycGen5: (0.217, 1.178, 0.55)  // 43 results, 2024 to 2026
        case .armNeoverse: (0.617, 1.922, 0.40)  // 7 results of Neoverse N1, 2022 to 2024
        case .intelSandyBridge: (1.760, 7.863, 0.40)  // 135 results, from 2011
        case .intelIvyBridge: (1.392, 5.458, 0.40)  // 3 results, 2013 to 2014
        case .intelHaswell: (0.657, 3.833, 0.40)  // 17 results, 2014 to 2016
        case .intelBroadwell: (0.530, 3.091, 0.40)  // 17 results, 2016 to 2017
        case .intelSkylakeClient: (1.900, 5.931, 0.40)  // 4 results, 2015 to 2016
        case .intelCoffeeLake: (1.050, 5.975, 0.45)  // 9 results, 2018 to 2019
        case .intelSkylakeServer: (0.530, 4.118, 0.40)  // 78 results, 2017 to 2020
        case .intelCascadeLake: (0.603, 4.041, 0.40)  // 75 results, 2019 to 2022
        case .intelIceLake: (0.830, 4.056, 0.40)  // 30 results, 2021 to 2022
        case .intelSapphireRapids: (0.946, 4.000, 0.40)  // 47 results, 2023 to 2025
        case .intelEmeraldRapids: (0.787, 2.908, 0.40)  // 3 results, 2024 to 2025
        case .intelGraniteRapids: (0.595, 2.693, 0.40)  // 30 results, 2025 to 2026
        }
    }

    /// The maximum watts of a thread of a part with this nominal clock; nil for families without such figures.
    ///
    /// 0.72 W x GHz^2, within 2 % of package RAPL per thread of three bare-metal machines under stress (c5: 6.43 W at
    /// 3.0 GHz, r5: 4.58 W at 2.5 GHz, Cascade Lake; i3: 3.78 W at 2.3 GHz, Broadwell), where the median is up to 37 %
    /// low. Teads turbostress reports, 2021, CC0. Only for the 14 nm server parts it was fitted to, and their clocks.
    package func maximumWattsPerThread(atGigahertz clock: Double) -> Double? {
        switch self {
        case .intelBroadwell, .intelSkylakeServer, .intelCascadeLake:
            (1.6...3.8).contains(clock) ? 0.72 * clock * clock : nil
        default: nil
        }
    }
}

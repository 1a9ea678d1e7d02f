// Two published facts per family, medians over the results of SPECpower_ssj2008 (https://www.spec.org/power_ssj2008/
// results/), counted and dated beside each row: the design power per hardware thread of the parts that were measured
// (CPUDesignPower where it knows them), and the power of the idle machine as a share of its power at full load. Parts
// of one family differ: the watts per thread of four fifths of the models lie between 0.6 and 1.7 times these.
//
// Design power is what a package draws under full load. Wall watts are not used for it: they hold memory, disks, fans
// and what the power supply loses, and are 0.8 to 1.3 times as much.
extension CPUFamily {
    /// Design power of one hardware thread, W, and the idle share of the whole machine.
    package var published: (designWattsPerThread: Double, machineIdleShare: Double) {
        switch self {
        case .amdEpycGen1: (2.81, 0.323)  // 9 results, 2018 to 2019
        case .amdEpycGen2: (1.76, 0.248)  // 36 results, 2019 to 2020
        case .amdEpycGen3: (2.19, 0.223)  // 28 results, 2021 to 2022
        case .amdEpycGen4: (1.56, 0.192)  // 72 results, 2022 to 2024
        case .amdEpycGen5: (1.22, 0.176)  // 42 results, 2024 to 2026
        // Altra Max: 250 W by 128 threads (amperecomputing.com, 2021); idle by 7 results of Neoverse N1, 2022 to 2024.
        case .armNeoverse: (1.95, 0.321)
        case .intelSandyBridge: (5.94, 0.229)  // 117 results, from 2011
        case .intelIvyBridge: (4.75, 0.255)  // 3 results, 2013 to 2014
        case .intelHaswell: (4.03, 0.170)  // 16 results, 2014 to 2016
        case .intelBroadwell: (3.30, 0.172)  // 17 results, 2016 to 2017
        // E3 v5: 80 W by 8 threads, of which half is drawn (ark.intel.com, 2015); 4 results, 2015 to 2016.
        case .intelSkylakeClient: (5.93, 0.32)
        case .intelCoffeeLake: (5.94, 0.176)  // E-2288G: 95 W by 16 threads; 9 results, 2018 to 2019
        case .intelSkylakeServer: (3.66, 0.126)  // 71 results, 2017 to 2020
        case .intelCascadeLake: (3.66, 0.150)  // 71 results, 2019 to 2022
        case .intelIceLake: (3.38, 0.226)  // 35 results, 2021 to 2022
        case .intelSapphireRapids: (2.92, 0.243)  // 63 results, 2023 to 2025
        case .intelEmeraldRapids: (2.73, 0.250)  // 30 results, 2024 to 2025
        case .intelGraniteRapids: (2.03, 0.238)  // 29 results, 2025 to 2026
        }
    }

    /// True for the families that ``CPUPowerProfile/Calibration`` was measured on.
    var isCalibrated: Bool {
        switch self {
        case .intelBroadwell, .intelSkylakeServer, .intelCascadeLake: true
        default: false
        }
    }
}

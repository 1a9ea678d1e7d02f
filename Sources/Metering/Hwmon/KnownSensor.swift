internal import Attribution

/// Which chip's which label measures what. Sensors of one zone add up where they have the same rank: rails of a processor,
/// modules or power supplies of a node. Those of a higher rank measure a part of it, or the same again.
struct KnownSensor: Sendable {
    let chip: String
    /// Ends in `#` where the number of the socket follows; otherwise that is the number of the chip among those of its kind
    /// that have a processor's sensors: not every `ina3221` of a board has.
    let label: String
    let component: Zone.Component
    /// The lowest rank of a zone that has a reading is used.
    let rank: Int
    /// True for a counter: some chips have both of one label.
    let isEnergy: Bool

    private init(
        _ chip: String, _ label: String, _ component: Zone.Component, rank: Int = 0, isEnergy: Bool = false
    ) {
        self.chip = chip
        self.label = label
        self.component = component
        self.rank = rank
        self.isEnergy = isEnergy
    }

    /// Power supplies with PMBus, by the drivers that Linux has for them (drivers/hwmon/pmbus). Their label `pin` is what
    /// they draw from the mains (Documentation/hwmon/pmbus.rst); `pout`, what they deliver, is never taken for it. Drivers
    /// of regulators have the same labels.
    private static let supplies = [
        "acbel_fsg032", "bpa-rs600", "bpa_rs600", "bpd-rs600", "bpd_rs600", "cffps", "cffps1", "cffps2", "crps185",
        "dps460", "dps650ab", "dps800", "dps920ab", "hac300s", "intel_crps185", "ipsps1", "pfe1100", "pfe3000",
        "ym2151e",
    ]

    /// From the drivers' sources, below drivers/acpi and drivers/hwmon of the kernel; for Grace from NVIDIA's Grace
    /// Performance Tuning Guide, "Power Telemetry", and the ACPI tables of its firmware (EDK2), whose older versions call
    /// the socket TH500; for Jetson from NVIDIA's Jetson Linux Developer Guide, "Power Supply Monitors".
    private static let table: [KnownSensor] =
        [
            // The firmware names the measured device in power1_oem_info; without a name it is the whole node. A socket has
            // its CPU rail, its system rail and its memory inside.
            KnownSensor("power_meter", "Module Power Socket #", .platform),
            KnownSensor("power_meter", "Grace Power Socket #", .package),
            KnownSensor("power_meter", "TH500 Power Socket #", .package),
            KnownSensor("power_meter", "CPU Power Socket #", .package, rank: 1),
            KnownSensor("power_meter", "SysIO Power Socket #", .package, rank: 1),
            KnownSensor("power_meter", "", .platform, rank: 1),
            KnownSensor("macsmc_hwmon", "Total System Power", .platform),
            KnownSensor("ibmpowernv", "System", .platform),
            KnownSensor("ibmpowernv", "Chip #", .package),
            // The same again as counters.
            KnownSensor("ibmpowernv", "System", .platform, rank: 1, isEnergy: true),
            KnownSensor("ibmpowernv", "Chip #", .package, rank: 1, isEnergy: true),
            KnownSensor("amd_energy", "Esocket#", .package, isEnergy: true),
            KnownSensor("zenergy", "Esocket#", .package, rank: 1, isEnergy: true),
            KnownSensor("amd_hsmp_hwmon", "", .package, rank: 2),
            KnownSensor("fam15h_power", "", .package),
            // Ampere Altra.
            KnownSensor("smpro_hwmon", "power1 CORE VRD", .package),
            KnownSensor("smpro_hwmon", "power2 SoC", .package),
            KnownSensor("smpro_hwmon", "power3 DIMM VRD1", .dram),
            KnownSensor("smpro_hwmon", "power4 DIMM VRD2", .dram),
            KnownSensor("smpro_hwmon", "power5 RCA VRD", .package),
            KnownSensor("apm_xgene", "CPU power", .package),
            KnownSensor("apm_xgene", "IO power", .package),
            // NVIDIA Jetson: the input of the module, and the rail of the CPUs where it is theirs alone.
            KnownSensor("ina3221", "VDD_IN", .platform, rank: 3),
            KnownSensor("ina3221", "POM_5V_IN", .platform, rank: 3),
            KnownSensor("ina3221", "POM_5V_CPU", .package),
            KnownSensor("ina3221", "VDD_SYS_CPU", .package),
        ]
        + supplies.flatMap { chip in
            ["pin", "pin1"].map { KnownSensor(chip, $0, .platform, rank: 2) }
        }

    /// The rule for a channel; nil where it is unknown what it measures.
    static func find(chip: String, label: String, isEnergy: Bool) -> KnownSensor? {
        table.first { $0.chip == chip && $0.isEnergy == isEnergy && $0.zone(label: label, device: 0) != nil }
    }

    /// What a channel of this label measures; nil for other labels.
    ///
    /// - Parameter device: number of the chip among those of the same kind that measure the same component.
    func zone(label: String, device: Int) -> ZoneID? {
        if self.label.hasSuffix("#") {
            let prefix = self.label.dropLast().lowercased()
            guard label.lowercased().hasPrefix(prefix), let socket = UInt32(label.dropFirst(prefix.count)) else {
                return nil
            }
            return ZoneID(component, socket: socket)
        }
        guard label == self.label else { return nil }
        return ZoneID(component, socket: UInt32(clamping: device))
    }
}

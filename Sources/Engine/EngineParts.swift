package import Accounting
package import Attribution
package import Impact
package import Ledger
package import Linux
package import Metering
package import Names

/// Everything that an engine is made of. Module Composition builds the parts of the machine; tests put scripts in their
/// place.
package struct EngineParts {
    package var clock: any EngineClock = SystemClock()
    /// Who used the CPU.
    package var accounting: any Accounting
    /// What the node drew.
    package var meters: MeterSet
    /// Divides the energy of a zone.
    package var attributor: NodeAttributor
    /// What workloads are called.
    package var names: any NameSources
    /// What everything has used.
    package var ledger: Ledger
    /// What turns energy into emissions.
    package var rates: any RateSource
    /// The cgroups' own files: quotas, pressure, and `cpu.stat` to compare with.
    package var files: CgroupFileReader
    /// Where the ledger survives a restart; nil for nowhere.
    package var stateFile: StateFile?
    package var hardware: HardwareFacts
    /// The CPUs that are online; nil where that cannot be read.
    package var cpuTimes: @Sendable () -> CPUTimes?
    /// What this process uses.
    package var ownUsage: @Sendable () -> OwnUsage = OwnUsage.read

    package init(
        accounting: any Accounting, meters: MeterSet, attributor: NodeAttributor, names: any NameSources,
        ledger: Ledger,
        rates: any RateSource, files: CgroupFileReader, hardware: HardwareFacts,
        cpuTimes: @escaping @Sendable () -> CPUTimes?
    ) {
        self.accounting = accounting
        self.meters = meters
        self.attributor = attributor
        self.names = names
        self.ledger = ledger
        self.rates = rates
        self.files = files
        self.hardware = hardware
        self.cpuTimes = cpuTimes
    }
}

/// The CPUs of the machine, and since when what they did counts.
package struct CPUTimes: Sendable, Equatable {
    package var cpus: [ProcStat.CPU]
    /// When the machine started, Unix time, s; nil where that is not known.
    package var bootUnixTime: Double?

    package init(cpus: [ProcStat.CPU], bootUnixTime: Double?) {
        self.cpus = cpus
        self.bootUnixTime = bootUnixTime
    }

    /// As `/proc/stat` has them; nil where it cannot be read.
    package init?(procfs: String) {
        guard let stat = try? ProcStat(procfs: procfs) else { return nil }
        self.init(cpus: stat.cpus, bootUnixTime: stat.bootUnixTime)
    }
}

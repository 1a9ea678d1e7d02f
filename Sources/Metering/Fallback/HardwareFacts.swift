package import Attribution
package import Linux

/// What an estimate of power is made from.
package struct HardwareFacts: Sendable {
    package let cpu: CPUModel
    /// Nil where it is unknown.
    package let memoryBytes: UInt64?
    /// Where they were read.
    package let procfs: String

    package init(cpu: CPUModel, memoryBytes: UInt64?, procfs: String) {
        self.cpu = cpu
        self.memoryBytes = memoryBytes
        self.procfs = procfs
    }

    package init(_ paths: HostPaths) {
        procfs = paths.procfs
        cpu = CPUModel(procfs: procfs)
        memoryBytes = totalMemoryBytes(procfs: procfs)
    }

    /// What is unknown, and what that does to an estimate; empty where all is known.
    package var problems: [String] {
        (cpu.vendor.isEmpty && cpu.name.isEmpty
            ? ["the CPU is unknown (\(procfs)/cpuinfo does not name it): an estimate assumes a typical server"]
            : [])
            + (memoryBytes == nil
                ? ["the size of the memory is unknown (not in \(procfs)/meminfo): an estimate leaves memory out"]
                : [])
    }
}

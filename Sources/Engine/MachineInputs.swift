package import Accounting
package import Linux
package import Metering
package import Names
package import Workloads

/// What an engine takes from its machine once, at the start.
package struct MachineFacts: Sendable {
    package var hardware: HardwareFacts
    /// CPUs of the machine.
    package var threads: Int
    /// Numbers of the processor sockets.
    package var sockets: Set<UInt64>
    /// Where the unified cgroup hierarchy is mounted; nil where there is none.
    package var cgroupRoot: String?
    /// What the file of `--power.model` holds; nil where none is configured.
    package var powerModel: Result<[UInt8], HostError>?

    package init(
        hardware: HardwareFacts, threads: Int, sockets: Set<UInt64>, cgroupRoot: String?,
        powerModel: Result<[UInt8], HostError>? = nil
    ) {
        self.hardware = hardware
        self.threads = threads
        self.sockets = sockets
        self.cgroupRoot = cgroupRoot
        self.powerModel = powerModel
    }
}

/// What an engine takes from its machine while it runs: with ``MachineFacts`` and the configuration, all that a
/// snapshot depends on.
package struct MachineInputs {
    package var clock: any EngineClock = SystemClock()
    package var accounting: any Accounting
    /// In order of preference, not opened yet.
    package var meters: [Meter]
    package var names: any NameSources
    package var cgroupFiles = CgroupFiles.machine
    /// Where on a cgroup's path the directories of a user begin; see ``UserGround``.
    package var groundOf: (_ path: String) -> UserGround?
    /// Whether others than its owner may make directories in one.
    package var isShared: (_ path: String) -> Bool
    package var cpuTimes: @Sendable () -> CPUTimes?
    package var ownUsage: @Sendable () -> OwnUsage = OwnUsage.read

    package init(
        accounting: any Accounting, meters: [Meter], names: any NameSources,
        groundOf: @escaping (_ path: String) -> UserGround?, isShared: @escaping (_ path: String) -> Bool,
        cpuTimes: @escaping @Sendable () -> CPUTimes?
    ) {
        self.accounting = accounting
        self.meters = meters
        self.names = names
        self.groundOf = groundOf
        self.isShared = isShared
        self.cpuTimes = cpuTimes
    }
}

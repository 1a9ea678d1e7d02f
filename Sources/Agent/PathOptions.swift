package import ArgumentParser
package import Engine
package import Linux

/// Where the host's file systems are mounted.
package struct PathOptions: ParsableArguments {
    @Option(
        name: .customLong("path.procfs"), help: ArgumentHelp("Where the host's /proc is mounted.", valueName: "dir"))
    package var procfs = "/proc"

    @Option(name: .customLong("path.sysfs"), help: ArgumentHelp("Where the host's /sys is mounted.", valueName: "dir"))
    package var sysfs = "/sys"

    @Option(
        name: .customLong("path.cgroupfs"),
        help: ArgumentHelp("Where the host's cgroup v2 tree is mounted, itself or as `unified`.", valueName: "dir"))
    package var cgroupfs = "/sys/fs/cgroup"

    @Option(
        name: .customLong("path.rootfs"),
        help: ArgumentHelp(
            "Where the host's root directory is mounted: for unit files and the state of runtimes.",
            valueName: "dir"))
    package var rootfs = "/"

    @Option(
        name: .customLong("path.logs"),
        help: ArgumentHelp(
            "The host's /var/log: the kubelet's directories there name pods and containers. (default: below "
                + "--path.rootfs)", valueName: "dir"))
    package var logs: String?

    @Option(
        name: .customLong("path.devfs"),
        help: ArgumentHelp("Where the host's /dev is mounted, for its IPMI device.", valueName: "dir"))
    package var devfs = "/dev"

    package init() {}

    package var paths: HostPaths {
        let rootfs = rootfs.hasSuffix("/") ? String(rootfs.dropLast()) : rootfs
        return HostPaths(
            procfs: procfs, sysfs: sysfs, cgroupfs: cgroupfs, logs: logs ?? rootfs + "/var/log", rootfs: rootfs,
            devfs: devfs)
    }
}

extension EngineConfiguration {
    /// Throws where `/proc` is not where it was said to be. Nothing could be right then, and little would look wrong:
    /// one CPU, of no known kind.
    package func checkPaths() throws(AgentError) {
        do {
            _ = try ProcStat(procfs: paths.procfs)
        } catch {
            throw AgentError("\(error): point --path.procfs at the host's /proc", isConfiguration: true)
        }
    }
}

/// Where the machine's file systems are mounted; elsewhere than usual in a container or a test.
package struct HostPaths: Sendable, Equatable {
    package var procfs: String
    package var sysfs: String
    package var cgroupfs: String
    package var devfs: String
    /// The host's `/var/log`: the kubelet's directories for logs lie there.
    package var logs: String
    /// The host's root directory, for the state of local runtimes and unit files; empty for `/` itself.
    package var rootfs: String

    package init(
        procfs: String = "/proc", sysfs: String = "/sys", cgroupfs: String = "/sys/fs/cgroup",
        logs: String = "/var/log", rootfs: String = "",
        devfs: String = "/dev"
    ) {
        self.procfs = procfs
        self.sysfs = sysfs
        self.cgroupfs = cgroupfs
        self.devfs = devfs
        self.logs = logs
        self.rootfs = rootfs
    }
}

/// A file of the machine that could not be read or understood.
package struct HostError: Error, CustomStringConvertible, Equatable, Sendable {
    package enum Code: Equatable, Sendable {
        /// The path does not exist, or its device went away.
        case missing
        case permission
        /// The content is not what it should be.
        case malformed
        case other(Int32)
    }

    package let code: Code
    package let path: String
    package let detail: String

    package init(code: Code, path: String, detail: String) {
        self.code = code
        self.path = path
        self.detail = detail
    }

    package var description: String { "\(path): \(detail)" }
}

internal import Linux

extension Setting {
    package static let procfs = path(
        "path.procfs", \.paths.procfs, valueName: "dir", help: "Where the host's /proc is mounted.")

    package static let sysfs = path(
        "path.sysfs", \.paths.sysfs, valueName: "dir", help: "Where the host's /sys is mounted.")

    package static let cgroupfs = path(
        "path.cgroupfs", \.paths.cgroupfs, valueName: "dir",
        help: "Where the host's /sys/fs/cgroup is mounted.")

    package static let rootfs = value(
        "path.rootfs", \.paths.rootfs, form: .path, valueName: "dir",
        help: "Where the host's root directory is mounted: for unit files and the state of container runtimes.",
        show: { $0.isEmpty ? "/" : $0 }
    ) { (text) throws(Refusal) in
        let path = try nonempty(text)
        return path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    package static let logs = value(
        "path.logs", \.paths.logs, form: .path, valueName: "dir",
        help: "The host's /var/log: the kubelet's directories there name pods and containers.",
        defaultText: "var/log below path.rootfs", show: \.self, parse: nonempty)

    package static let devfs = path(
        "path.devfs", \.paths.devfs, valueName: "dir", help: "Where the host's /dev is mounted, for its IPMI device.")
}

package import ArgumentParser
internal import Settings

/// Where the host's file systems are mounted.
package struct PathOptions: SettingOptions {
    @Option(.procfs) package var procfs: FlagValue?
    @Option(.sysfs) package var sysfs: FlagValue?
    @Option(.cgroupfs) package var cgroupfs: FlagValue?
    @Option(.rootfs) package var rootfs: FlagValue?
    @Option(.logs) package var logs: FlagValue?
    @Option(.devfs) package var devfs: FlagValue?

    package init() {}
}

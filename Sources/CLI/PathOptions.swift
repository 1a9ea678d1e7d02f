package import ArgumentParser
internal import Settings

/// The places, for a command that needs no other setting.
package struct PlaceOptions: ResolvableOptions {
    @OptionGroup package var file: FileOption
    @OptionGroup package var paths: PathOptions

    package init() {}

    package var groups: [any SettingOptions] { [paths] }
}

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

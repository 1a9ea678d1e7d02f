package import ArgumentParser
internal import Settings

/// Names the configuration file.
package struct FileOption: ParsableArguments {
    @Option(
        name: .customLong(Layers.fileKey),
        help: ArgumentHelp(
            "Configuration file; none reads no file. (default: \(AgentDefaults.configurationFile) if it exists)",
            valueName: "file"),
        completion: .file())
    package var path: String?

    package init() {}
}

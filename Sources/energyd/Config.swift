internal import ArgumentParser
internal import CLI
internal import FoundationEssentials
internal import Glibc
internal import Settings

/// Shows the configuration in force.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show every setting, its value in force, and where that comes from.",
        discussion: """
            A setting has one name. As an option it is --carbon.zone DE, in the environment ENERGYD_CARBON_ZONE=DE, and \
            in the configuration file a line `carbon.zone = DE`. The layers, from the one that wins:

              1. options of the command line
              2. environment variables: ENERGYD_ and the name in capitals, with _ for . and -
              3. the file: --config.file, else ENERGYD_CONFIG_FILE, else \(AgentDefaults.configurationFile) where it \
            exists
              4. defaults; some depend on the host, such as the node's name

            The file has one `name = value` per line. # begins a comment; double quotes keep spaces and #. Settings \
            that are on or off take on, off, true or false; as options they are --name and --no-name. A name that does \
            not exist, and a value that makes no sense, are refused in every layer, even where a higher one wins.

            Takes the options of energyd: give those of the agent to see what it runs with. Files with passwords and \
            tokens are shown by name only.

            EXAMPLES
              energyd config                                     with the environment and file of this shell
              energyd config --carbon.zone DE --output json      for scripts
              ENERGYD_RETENTION=5m energyd config --config.file ./energyd.conf

            EXIT STATUS
              0 the configuration is valid, 2 it is not; the reason is on standard error
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: ArgumentHelp("Form of the output: text for people, json for programs.", valueName: "text|json"))
    var output = Format.text

    @OptionGroup var options: AgentOptions

    func run() throws {
        let resolved = try options.resolve()
        let text: [UInt8]
        switch output {
        case .text: text = Array(resolved.table.utf8)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            text = Array(try encoder.encode(resolved.document)) + [0x0A]
        }
        var rest = text[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            // The reader has seen enough.
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}

internal import ArgumentParser
internal import CLI
internal import FoundationEssentials
internal import Glibc
internal import Settings

/// Shows the configuration in force.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show every setting, its value in force, and where the value comes from.",
        discussion: """
            A setting has the same name in every layer. The first layer that sets it wins:

              1. options                 --carbon.zone DE
              2. environment variables   ENERGYD_CARBON_ZONE=DE
              3. the file                carbon.zone = DE
              4. defaults; some depend on the host, such as the node's name

            A variable is ENERGYD_ and the name in capitals, with _ for dots and dashes. The file is the one of \
            --config.file, else of ENERGYD_CONFIG_FILE, else \(AgentDefaults.configurationFile) where that exists. \
            It has one `name = value` per line; # begins a comment, and double quotes keep spaces and #. Settings that \
            are on or off take on, off, true or false; as options they are --name and --no-name.

            Unknown names and invalid values are refused in every layer, also where a higher one wins. Files with \
            passwords and tokens are shown by name only.

            EXAMPLES
              energyd config
              energyd config --carbon.zone DE --output json
              energyd config --config.file ./energyd.conf && echo valid

            EXIT STATUS
              0 the configuration is valid, 2 it is not; standard error says why
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Option(help: ArgumentHelp("Output format: text for people, json for programs.", valueName: "text|json"))
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

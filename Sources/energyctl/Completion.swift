import ArgumentParser
import CLI
import Terminal

/// What a shell needs to complete this program's options.
struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the script with which a shell completes energyctl's commands, options and values.",
        discussion: """
            `make install` puts the scripts where the shells look for them.

            EXAMPLES
              source <(energyctl completion bash)                                   in ~/.bashrc
              energyctl completion zsh > "${fpath[1]}/_energyctl"
              energyctl completion fish > ~/.config/fish/completions/energyctl.fish
            """)

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        try Output.write(Array((shell.completion(of: Energyctl.self) + "\n").utf8))
    }
}

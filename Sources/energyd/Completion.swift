internal import ArgumentParser
internal import CLI

/// What a shell needs to complete the agent's options.
struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the script with which a shell completes energyd's options: bash, zsh or fish.")

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() {
        print(shell.completion(of: Energyd.self))
    }
}

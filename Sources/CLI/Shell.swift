package import ArgumentParser

/// A shell that completes options.
package enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish

    /// The script that makes it complete the options, commands and values of a program.
    package func completion(of program: (some ParsableArguments).Type) -> String {
        let shell: CompletionShell =
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        return program.completionScript(for: shell)
    }
}

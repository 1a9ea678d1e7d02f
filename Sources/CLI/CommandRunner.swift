package import ArgumentParser
internal import Formatting
internal import Glibc
internal import Settings

/// Parses the command line as `type`, runs what it asks for, and ends the process.
///
/// Exit codes: 0 done (also help and version, on standard output), 1 a failure at run time, 2 wrong options or a wrong
/// configuration; both with the reason on standard error. A command may throw `ExitCode` for one of its own.
package func runCommand<C: AsyncParsableCommand>(_ type: C.Type) async -> Never {
    do {
        var command = try C.parseAsRoot(withBareOptions(Array(CommandLine.arguments.dropFirst())))
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
        exit(EXIT_SUCCESS)
    } catch {
        let code = C.exitCode(for: error)
        // It may quote files and foreign servers.
        var text = C.fullMessage(for: error).printable(keepsLines: true)
        if !code.isSuccess,
            let words = suggestion(for: text, commands: C.configuration.subcommands.map { $0._commandName })
        {
            text += "\n\(words)"
        }
        if !text.isEmpty {
            // The C library's streams are mutable globals, which Swift 6 does not permit.
            _ = Array((text + "\n").utf8).withUnsafeBytes {
                write(code.isSuccess ? STDOUT_FILENO : STDERR_FILENO, $0.baseAddress, $0.count)
            }
        }
        exit(error is ConfigurationError || code == .validationFailure ? 2 : code.rawValue)
    }
}

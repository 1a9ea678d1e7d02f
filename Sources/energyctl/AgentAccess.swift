import ArgumentParser
import Fetching
import FoundationEssentials
import Linux

/// What an agent that asks for it is shown, from files: the command line is for everyone to read.
struct AgentAccess: Sendable {
    var authorityFile: String?
    var tokenFile: String?
    var accountFile: String?

    /// Whose certificates are accepted.
    func trust() throws -> FetchSettings.Trust {
        guard let authorityFile else { return .system }
        do {
            return .authorities(withoutByteOrderMark(try readNamedFile(authorityFile)))
        } catch {
            throw SourceFailure("--agent.ca: \(error)")
        }
    }

    /// The header `Authorization`; nil where nothing is shown.
    func authorization() throws -> String? {
        if let tokenFile {
            return "Bearer " + String(decoding: try line(tokenFile, "--agent.token-file"), as: UTF8.self)
        }
        guard let accountFile else { return nil }
        let line = try line(accountFile, "--agent.credentials")
        guard line.contains(UInt8(ascii: ":")) else {
            throw SourceFailure("--agent.credentials: \(printable(accountFile)): the first line is not USER:PASSWORD")
        }
        return "Basic " + Data(line).base64EncodedString()
    }

    private func line(_ path: String, _ flag: String) throws -> [UInt8] {
        do {
            let line = try readFirstLine(path, limit: 4096)
            guard !line.isEmpty else { throw SourceFailure("\(flag): \(printable(path)) is empty") }
            return line
        } catch let error as HostError {
            throw SourceFailure("\(flag): \(error)")
        }
    }
}

/// The flags for that.
struct AccessOptions: ParsableArguments {
    @Option(
        name: .customLong("agent.ca"),
        help: ArgumentHelp(
            "PEM file of the authorities that the agent's certificate is verified against. (default: those of the system)",
            valueName: "file"), completion: .file())
    var authorityFile: String?

    @Option(
        name: .customLong("agent.token-file"),
        help: ArgumentHelp("File with the bearer token that the agent is shown.", valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @Option(
        name: .customLong("agent.credentials"),
        help: ArgumentHelp("File with USER:PASSWORD for the agent.", valueName: "file"), completion: .file())
    var accountFile: String?

    var values: AgentAccess {
        AgentAccess(authorityFile: authorityFile, tokenFile: tokenFile, accountFile: accountFile)
    }

    func validate() throws {
        if tokenFile != nil, accountFile != nil {
            throw ValidationError(
                "--agent.token-file and --agent.credentials cannot be combined: remove one of the two")
        }
    }
}

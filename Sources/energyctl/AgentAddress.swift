import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import Linux

/// Where an agent listens: `http://host:port` or `unix:/path`.
struct AgentAddress: Hashable, Sendable, CustomStringConvertible, ExpressibleByArgument {
    let description: String
    /// What stands before the path.
    private let base: String
    /// nil for an address on the network.
    private let socket: String?

    /// True for a unix socket.
    var isSocket: Bool { description.hasPrefix("unix:") }

    /// True where nothing can be intercepted: TLS, or on this machine.
    var isPrivate: Bool {
        if !description.hasPrefix("http://") { return true }
        return Loopback.contains(authority: description.dropFirst("http://".count).prefix { !"/?#".contains($0) })
    }

    /// True where it has a user or a password, as in `http://USER:PASSWORD@HOST`.
    private let hasUser: Bool

    /// Throws for an address with a user or a password in it, of which nothing is repeated: everyone can read a command
    /// line, and addresses are part of messages.
    static func check(_ address: Self?) throws {
        guard address?.hasUser != true else {
            throw ValidationError(
                "--address must not have a user or password (the part before @): write them to a file and name it with "
                    + "--agent.credentials, or a token with --agent.token-file")
        }
    }

    /// A path there, as the HTTP client writes it.
    func url(_ path: String) -> String {
        guard let socket else { return base + path }
        return URL(httpURLWithSocketPath: socket, uri: path)?.absoluteString ?? ""
    }

    /// Nil unless it is of one of the two forms, or short for one: `HOST:PORT` for `http://HOST:PORT`, `/PATH` for
    /// `unix:/PATH`.
    init?(argument: String) {
        let argument = Self.whole(argument)
        if argument.hasPrefix("unix:") {
            var socket = argument.dropFirst("unix:".count)
            while socket.hasPrefix("//") { socket = socket.dropFirst() }
            guard socket.hasPrefix("/"), socket.count > 1, URL(httpURLWithSocketPath: String(socket), uri: "/") != nil
            else { return nil }
            (self.socket, base) = (String(socket), "")
            hasUser = false
        } else {
            guard ["http://", "https://"].contains(where: { argument.hasPrefix($0) && argument != $0 }) else {
                return nil
            }
            hasUser = argument.drop { $0 != ":" }.dropFirst("://".count).prefix { !"/?#".contains($0) }.contains("@")
            (socket, base) = (nil, argument.hasSuffix("/") ? String(argument.dropLast()) : argument)
        }
        description = argument
    }

    private static func whole(_ text: String) -> String {
        if text.hasPrefix("/") { return "unix:" + text }
        guard !text.contains("://"), !text.hasPrefix("unix:"), let colon = text.lastIndex(of: ":"),
            colon > text.startIndex,
            UInt16(text[text.index(after: colon)...]) != nil, !text.contains("/"), !text.contains("@")
        else { return text }
        return "http://" + text
    }
}

import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials

/// Where an agent listens: `http://host:port` or `unix:/path`.
struct AgentAddress: Hashable, Sendable, CustomStringConvertible, ExpressibleByArgument {
    let description: String
    /// What to ask for a snapshot, as the HTTP client writes it.
    let snapshotURL: String

    /// True where nothing can be intercepted: TLS, or on this machine.
    var isPrivate: Bool {
        if !description.hasPrefix("http://") { return true }
        let authority = description.dropFirst("http://".count).prefix { $0 != "/" }
        let host =
            authority.hasPrefix("[") ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "::1"
            || host.hasPrefix("127.") && host.allSatisfy { "0123456789.".contains($0) }
    }

    /// Nil unless it is of one of the two forms.
    init?(argument: String) {
        let path = "/api/v1/snapshot"
        if argument.hasPrefix("unix:") {
            var socket = argument.dropFirst("unix:".count)
            while socket.hasPrefix("//") { socket = socket.dropFirst() }
            guard socket.hasPrefix("/"), socket.count > 1,
                let url = URL(httpURLWithSocketPath: String(socket), uri: path)
            else { return nil }
            snapshotURL = url.absoluteString
        } else {
            guard ["http://", "https://"].contains(where: { argument.hasPrefix($0) && argument != $0 }) else {
                return nil
            }
            snapshotURL = (argument.hasSuffix("/") ? String(argument.dropLast()) : argument) + path
        }
        description = argument
    }
}

package import ArgumentParser

/// Where the agent listens.
package struct WebOptions: ParsableArguments {
    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp("Address to serve HTTP on; `:9464` for every interface.", valueName: "host:port"),
        transform: { text in
            guard let address = ListenAddress(argument: text) else {
                throw ValidationError("expected HOST:PORT, such as 127.0.0.1:9464 or :9464, not '\(text)'.")
            }
            return address
        })
    package var listen = ListenAddress(argument: AgentDefaults.listenAddress)

    @Option(
        name: .customLong("web.socket"),
        help: ArgumentHelp(
            "Unix socket for local clients; `none` for none. (default: \(AgentDefaults.socketPath ?? "none"))",
            valueName: "path"))
    package var socket: String?

    @Option(
        name: .customLong("web.socket-mode"),
        help: ArgumentHelp(
            "Who may connect to the socket, as octal permissions: 0666 for every local user, as on the loopback "
                + "address; 0660 for the agent's group, 0600 for its user. (default: 0666)", valueName: "mode"),
        transform: { text in
            guard let mode = UInt32(text, radix: 8), (0o600...0o777).contains(mode), mode & 0o600 == 0o600 else {
                throw ValidationError("expected octal permissions from 0600 to 0777, such as 0660, not '\(text)'.")
            }
            return mode
        })
    package var socketMode: UInt32?

    package init() {}

    /// nil for none.
    package var socketPath: String? {
        let path = socket ?? AgentDefaults.socketPath
        return path == "none" ? nil : path
    }
}

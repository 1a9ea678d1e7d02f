/// Where the agent serves HTTP.
package struct WebValues: Sendable, Equatable {
    package var listen = ListenAddress.standard
    /// Further values of `Host` that are answered on a loopback address, without ports.
    package var hosts: [String] = []
    /// Path of the Unix socket; nil for none.
    package var socketPath: String?
    /// Permissions of the socket.
    package var socketMode: UInt32 = 0o666

    package init() {}
}

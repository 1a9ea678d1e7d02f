/// Where the agent serves HTTP.
package struct WebValues: Sendable, Equatable {
    package var listen = ListenAddress.standard
    /// Path of the Unix socket; nil for none.
    package var socketPath: String?
    /// Permissions of the socket.
    package var socketMode: UInt32 = 0o666

    package init() {}
}

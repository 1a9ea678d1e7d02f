/// Where the agent serves HTTP.
package struct WebValues: Sendable, Equatable {
    package var listen = ListenAddress.standard
    /// Further values of `Host` that are answered on a loopback address, without ports.
    package var hosts: [String] = []
    /// Path of the Unix socket; nil for none.
    package var socketPath: String?
    /// Permissions of the socket.
    package var socketMode: UInt32 = 0o660
    /// True where clients of the socket get cgroups for `energyctl run`.
    package var makesRunCgroups = true
    /// File with certificates, passwords and headers, in the form of Prometheus' exporters; nil for none.
    package var configFile: String?
    /// Files with tokens, one on each line: a client that brings one of them may read.
    package var tokenFiles: [String] = []
    /// True where Kubernetes is asked whose tokens may read.
    package var reviewsTokens = false
    /// The API server that is asked; empty outside of a pod.
    package var reviewURL = ""

    package init() {}
}

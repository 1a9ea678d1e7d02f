import Glibc

/// Where the agent listens and `energyctl` looks unless told otherwise.
package enum AgentDefaults {
    /// Host and port of the HTTP server; 9464 is the port of OpenTelemetry's Prometheus exporter.
    package static let listenAddress = "127.0.0.1:9464"

    /// The socket of an agent that the system runs.
    package static let systemSocketPath = "/run/energyd/energyd.sock"

    /// The Unix socket for this user; nil for a user without a runtime directory on a system without the agent.
    package static var socketPath: String? {
        if geteuid() == 0 || access(systemSocketPath, F_OK) == 0 {
            return systemSocketPath
        }
        guard let directory = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), !directory.isEmpty else {
            return nil
        }
        return directory + "/energyd.sock"
    }
}

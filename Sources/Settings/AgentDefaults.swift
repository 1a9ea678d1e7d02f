/// Places that agent and `energyctl` agree on.
package enum AgentDefaults {
    /// The socket of an agent that the system runs.
    package static let systemSocketPath = "/run/energyd/energyd.sock"
    /// The configuration file that is read where it exists and none is named.
    package static let configurationFile = "/etc/energyd/energyd.conf"
}

/// Why the agent cannot start: what failed, why, and what to do. The process exits with 2 where the configuration is to
/// blame, else with 1.
package struct AgentError: Error, CustomStringConvertible, Sendable {
    package let description: String
    package let isConfiguration: Bool

    package init(_ description: String, isConfiguration: Bool) {
        self.description = description
        self.isConfiguration = isConfiguration
    }
}

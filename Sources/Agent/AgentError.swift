/// Why the agent cannot start, with the remedy. The process exits with 2 where the configuration is to blame, else 1.
package struct AgentError: Error, CustomStringConvertible, Sendable {
    package let description: String
    package let isConfiguration: Bool

    package init(_ description: String, isConfiguration: Bool) {
        self.description = description
        self.isConfiguration = isConfiguration
    }
}

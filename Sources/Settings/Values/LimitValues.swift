/// What the agent may use.
package struct LimitValues: Sendable, Equatable {
    /// Resident memory of the agent, MiB. What users below make is shown in less detail before it takes more.
    package var memory = 96

    package init() {}
}

internal import ArgumentParser

/// Which agent's settings are meant.
package enum AgentSelection: Equatable, Sendable {
    /// The only one that runs here.
    case auto
    case none
    case process(Int32)
}

extension AgentSelection: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument {
        case "auto": self = .auto
        case "none": self = .none
        default:
            guard let process = Int32(argument), process > 0 else { return nil }
            self = .process(process)
        }
    }

    public var defaultValueDescription: String { "auto" }
}

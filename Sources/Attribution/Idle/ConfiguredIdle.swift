package import Units

/// The idle power that the operator gave, in place of what is learned.
package enum ConfiguredIdle: Sendable, Equatable {
    /// Of all zones whose energy is divided together: they share it as they share what was learned of them.
    case node(Watts)
    /// Of all zones of a component together, which share it equally; the others are learned.
    case components([ZoneID.Component: Watts])

    /// The part of one zone; nil where it is learned.
    ///
    /// - Parameters:
    ///   - zonesAlike: of its component, itself included.
    ///   - share: its part of the power of all, 0...1.
    func watts(of component: ZoneID.Component, zonesAlike: Int, share: Double) -> Watts? {
        switch self {
        case .node(let watts): watts * share
        case .components(let given): given[component].map { $0 * (1 / Double(max(zonesAlike, 1))) }
        }
    }
}

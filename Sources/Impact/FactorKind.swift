/// What kind of figure a carbon intensity is. Reports must say it, and figures of different kinds must not be mixed: a
/// market-based factor follows contracts, a location-based one the grid.
package struct FactorKind: Sendable, Equatable {
    /// `location`; nil where it is not known.
    package let type: String?
    /// `lifecycle`: building and fuelling the plants included; nil where it is not known.
    package let scope: String?
    /// `published` for the node's grid, `configured`, or `assumed` because nothing was configured.
    package let quality: String

    /// A yearly mean of the country. https://ourworldindata.org/grapher/carbon-intensity-electricity
    package static let published = FactorKind(type: "location", scope: "lifecycle", quality: "published")
    /// Only who configured it knows what it is.
    package static let configured = FactorKind(type: nil, scope: nil, quality: "configured")
    /// The world's mean, where the country is not known.
    package static let assumed = FactorKind(type: "location", scope: "lifecycle", quality: "assumed")
}

package import Attribution

/// How energy is divided among workloads.
package struct AttributionValues: Sendable, Equatable {
    /// How dynamic energy is divided.
    package var method = AttributionMethod.automatic
    /// Which workloads are charged for static energy.
    package var staticPolicy = StaticPolicy.none

    package init() {}
}

/// Arithmetic on figures of an agent, which may be any that its JSON can express: what cannot be expressed is the nearest
/// number that can.
extension FixedWidthInteger {
    /// 0 for what is not a number.
    package init(nearest value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= Double(Self.max) {
            self = .max
        } else {
            self = value <= Double(Self.min) ? .min : Self(value)
        }
    }

    package static func saturatingSum(_ a: Self, _ b: Self) -> Self {
        let (sum, isTooLarge) = a.addingReportingOverflow(b)
        guard isTooLarge else { return sum }
        return a < 0 ? .min : .max
    }
}

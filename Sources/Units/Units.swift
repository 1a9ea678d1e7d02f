/// An amount of energy in whole microjoules, the unit of the kernel's own energy counters.
///
/// Integer, so that handing energy out and adding it up again loses nothing. The range is 18 TJ: a node of 10 kW
/// fills it in 58 years.
package struct Microjoules: Hashable, Sendable, Comparable, AdditiveArithmetic {
    /// The amount in uJ.
    package var count: UInt64

    package static let zero = Microjoules(0)

    package init(_ count: UInt64) {
        self.count = count
    }

    /// The nearest amount to `joules`; zero for anything that is not a positive finite number.
    package init(joules: Double) {
        self.count = joules > 0 && joules < 1.8e13 ? UInt64((joules * 1e6).rounded()) : 0
    }

    /// The amount in J.
    package var joules: Double { Double(count) / 1e6 }

    /// The mean power when this much energy is used in `duration`; zero when that is not positive.
    package func power(over duration: Seconds) -> Watts {
        Watts(duration.value > 0 ? joules / duration.value : 0)
    }

    package static func < (a: Self, b: Self) -> Bool { a.count < b.count }
    package static func + (a: Self, b: Self) -> Self { Self(a.count + b.count) }
    package static func - (a: Self, b: Self) -> Self { Self(a.count - b.count) }
}

/// A length of time in seconds.
package struct Seconds: Hashable, Sendable, Comparable {
    package var value: Double

    package init(_ value: Double) {
        self.value = value
    }

    package init(nanoseconds: UInt64) {
        self.value = Double(nanoseconds) / 1e9
    }

    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.value = Double(seconds) + Double(attoseconds) / 1e18
    }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// Power in watts.
package struct Watts: Hashable, Sendable, Comparable {
    package var value: Double

    package init(_ value: Double) {
        self.value = value
    }

    /// The energy of this power over `duration`.
    package func energy(over duration: Seconds) -> Microjoules {
        Microjoules(joules: value * duration.value)
    }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
    package static func + (a: Self, b: Self) -> Self { Self(a.value + b.value) }
    package static func * (a: Self, factor: Double) -> Self { Self(a.value * factor) }
}

/// A mass of CO2 equivalent in grams.
package struct Grams: Hashable, Sendable, Comparable {
    package var value: Double

    package init(_ value: Double) {
        self.value = value
    }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
    package static func + (a: Self, b: Self) -> Self { Self(a.value + b.value) }
    package static func += (a: inout Self, b: Self) { a.value += b.value }
}

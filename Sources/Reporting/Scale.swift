internal import Terminal

/// One unit and one number of decimals for a whole column, so that its figures can be compared at a glance.
struct Scale {
    let unit: String
    /// Of what is stored, in one of the unit.
    private let size: Double
    private let digits: Int

    /// - Parameter largest: the figure that gets four digits.
    private init(unit: String, size: Double, largest: Int64) {
        self.unit = unit
        self.size = size
        let value = abs(Double(largest)) / size
        digits =
            value < 0.01 ? 6 : value < 0.1 ? 5 : value < 1 ? 4 : value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0
    }

    /// Energy in uJ.
    static func energy(_ largest: Int64) -> Scale {
        abs(largest) < 3_600_000_000_000
            ? Scale(unit: "Wh", size: 3.6e9, largest: largest) : Scale(unit: "kWh", size: 3.6e12, largest: largest)
    }

    /// Mass in ug.
    static func mass(_ largest: Int64) -> Scale {
        abs(largest) < 1_000_000_000
            ? Scale(unit: "g", size: 1e6, largest: largest) : Scale(unit: "kg", size: 1e9, largest: largest)
    }

    /// Time in us.
    static func cpu(_ largest: Int64) -> Scale {
        largest < 3_600_000_000
            ? Scale(unit: "s", size: 1e6, largest: largest) : Scale(unit: "h", size: 3.6e9, largest: largest)
    }

    /// Money in 1e-9 of the currency.
    static func cost(_ largest: Int64, _ currency: String) -> Scale {
        Scale(unit: currency, size: 1e9, largest: largest)
    }

    /// A figure without the unit; a dash where it is not known.
    func text(_ value: Int64?) -> String {
        value.map { Format.fixed(Double($0) / size, digits: digits) } ?? Format.unknown
    }
}

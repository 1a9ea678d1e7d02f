/// What a kWh costs at the wall.
package struct EnergyPrice: Sendable, Equatable, CustomStringConvertible {
    /// May be negative, as prices on an exchange are.
    package var perKilowattHour: Double
    /// ISO 4217.
    package var currency: String

    package init(perKilowattHour: Double, currency: String) {
        self.perKilowattHour = perKilowattHour
        self.currency = currency
    }

    /// From `0.32EUR` or `0.32 EUR`; nil for anything else.
    package init?(text: String) {
        let currency = text.suffix(3)
        let amount = text.dropLast(3).filter { $0 != " " }
        guard currency.count == 3, currency.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }),
            let price = Double(amount), price.isFinite, abs(price) <= 1e6
        else { return nil }
        self.init(perKilowattHour: price, currency: String(currency))
    }

    package var description: String { "\(perKilowattHour)\(currency)" }
}

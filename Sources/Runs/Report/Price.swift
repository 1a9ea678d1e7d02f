/// What a kilowatt-hour costs.
package struct Price: Sendable, Equatable {
    package var perKilowattHour: Double
    /// As it was given, `EUR`; nil where none was.
    package var currency: String?

    package init(perKilowattHour: Double, currency: String? = nil) {
        (self.perKilowattHour, self.currency) = (perKilowattHour, currency)
    }

    /// `0.30`, `0.30EUR` or `0.30 EUR`; nil for anything else. Prices may be negative.
    package init?(_ text: String) {
        let letters = text.utf8.reversed().prefix { (0x41...0x5A).contains($0 & 0xDF) }.count
        let number = text.dropLast(letters)
        let amount = number.hasSuffix(" ") && letters > 0 ? number.dropLast() : number
        // `Double` takes hexadecimal numbers, infinities and exponents too.
        guard letters == 0 || letters == 3, amount.utf8.allSatisfy({ "+-.0123456789".utf8.contains($0) }),
            let value = Double(amount), abs(value) < 1e9
        else { return nil }
        self.init(perKilowattHour: value, currency: letters == 0 ? nil : String(text.suffix(3)).uppercased())
    }

    /// - Parameter pue: energy of the building per energy of its machines: the meter that is paid for is the building's.
    package func cost(ofJoules joules: Double, pue: Double) -> Double { joules / 3.6e6 * pue * perKilowattHour }
}

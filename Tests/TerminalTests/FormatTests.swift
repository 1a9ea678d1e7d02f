import Terminal
import Testing

@Suite struct FormatTests {
    @Test(arguments: [
        (0, "0"), (0.0144, "0.014"), (0.0996, "0.10"), (0.968, "0.97"), (0.996, "1.0"), (1.368, "1.4"), (9.96, "10"),
        (41.2, "41"), (99.6, "100"), (812.3, "810"), (1240, "1200"), (-8.02, "-8.0"), (.nan, "-"),
    ])
    func estimatesHaveTwoDigits(_ value: Double, _ text: String) {
        #expect(Format.estimate(value) == text)
    }

    @Test(arguments: [
        (0.0, 2, "0.00"), (1.005, 1, "1.0"), (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"), (9.9996, 3, "10.000"),
        (1234.5, 0, "1235"), (.infinity, 1, "-"), (.nan, 0, "-"),
    ])
    func fixedDecimals(value: Double, digits: Int, text: String) {
        #expect(Format.fixed(value, digits: digits) == text)
    }

    @Test func hugeNumbersDoNotTrap() {
        for exponent in stride(from: 0.0, through: 308, by: 4) {
            let value = Double("1e\(Int(exponent))") ?? 0
            #expect(!Format.fixed(value, digits: 3).isEmpty)
            #expect(!Format.joules(-value).isEmpty)
            #expect(!Format.quantity(value).isEmpty)
        }
    }

    @Test(arguments: [
        (0.0, "0 J"), (0.004, "0.00 J"), (812, "812 J"), (999.4, "999 J"), (999.6, "1.00 kJ"), (1240, "1.24 kJ"),
        (41_200_000, "41.2 MJ"),
        (9.996, "10.0 J"), (7.2e9, "7.20 GJ"), (5e12, "5 TJ"),
    ])
    func joules(value: Double, text: String) {
        #expect(Format.joules(value) == text)
    }

    @Test(arguments: [
        (0, "0"), (0.0001, "0.000"), (0.0344, "0.034"), (9.9996, "10.00"), (99.996, "100.0"), (999.96, "1000"),
        (812.34, "812.3"),
    ])
    func quantityKeepsFourDigits(value: Double, text: String) {
        #expect(Format.quantity(value) == text)
    }

    @Test func unknownIsADash() {
        #expect(Format.quantity(nil) == "-")
        #expect(Format.watts(.nan) == "-")
        #expect(Format.joules(nil) == "-")
        #expect(Format.percent(nil) == "-")
    }
}

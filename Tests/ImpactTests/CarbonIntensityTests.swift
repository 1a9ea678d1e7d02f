import Impact
import Testing
import Units

@Suite struct CarbonIntensityTests {
    @Test(arguments: [("de", "DEU"), ("Us", "usa"), ("GB", "UK"), ("gr", "el"), ("XK", "XKX")])
    func allFormsOfACodeAreTheSameCountry(a: String, b: String) throws {
        let first = try #require(CarbonIntensity.country(a))
        #expect(CarbonIntensity.country(b) == first)
    }

    @Test func hydroIsCleanerThanCoal() throws {
        let norway = try #require(CarbonIntensity.country("NO"))
        let poland = try #require(CarbonIntensity.country("PL"))
        #expect(norway.gramsPerKilowattHour * 10 < poland.gramsPerKilowattHour)
        #expect(norway.source.hasPrefix("Norway 20"))
        #expect(norway.source.hasSuffix("yearly mean (Ember)"))
    }

    @Test(arguments: ["", "-", "D", "ZZ", "DE ", "Germany", "日本", "\u{0}"])
    func unknownCodesAreNil(code: String) {
        #expect(CarbonIntensity.country(code) == nil)
    }

    @Test func everyRowIsRead() {
        let codes = CarbonIntensity.knownCodes
        #expect(codes.count > 200)
        #expect(codes == codes.sorted())
        #expect(codes.contains("EU") && codes.contains("WORLD"))
        #expect(Set(codes).count == codes.count)
        for code in codes {
            let grams = CarbonIntensity.country(code)?.gramsPerKilowattHour ?? 0
            #expect(grams > 15 && grams < 1500, "\(code): \(grams)")
        }
    }

    @Test func worldIsInTheTable() {
        #expect(CarbonIntensity.country("world") == CarbonIntensity.world)
        #expect((400...500).contains(CarbonIntensity.world.gramsPerKilowattHour))
    }

    @Test func suggestionsKnowNamesAndSlips() {
        #expect(CarbonIntensity.suggestions(for: "germany") == ["DE"])
        #expect(CarbonIntensity.suggestions(for: "United").contains("GB"))
        #expect(CarbonIntensity.suggestions(for: "WORLF") == ["WORLD"])
        #expect(CarbonIntensity.suggestions(for: "D9").contains("DE"))
        #expect(CarbonIntensity.suggestions(for: "").isEmpty)
        #expect(CarbonIntensity.suggestions(for: "a").count == 5)
    }
}

@Suite struct CarbonModelTests {
    private let intensity = CarbonIntensity(gramsPerKilowattHour: 400, source: "test")

    @Test func aKilowattHourIsTheIntensity() {
        let kilowattHour = Microjoules(3_600_000_000_000)
        #expect(CarbonModel(intensity: intensity).rates(at: 0).emissions(of: kilowattHour) == Grams(400))
        #expect(
            abs(CarbonModel(intensity: intensity, pue: 1.5).rates(at: 0).emissions(of: kilowattHour).value - 600) < 1e-9
        )
        #expect(CarbonModel(intensity: intensity).rates(at: 0).emissions(of: .zero) == Grams(0))
    }

    @Test(arguments: [0.5, -3, .nan, .infinity])
    func aPUEThatCannotBeIsOne(pue: Double) {
        #expect(CarbonModel(intensity: intensity, pue: pue).pue == 1)
    }
}

import Testing

@testable import Terminal

@Suite struct TopSettingsTests {
    @Test func whatIsWrittenIsRead() {
        var settings = TopSettings()
        #expect(TopSettings.parse(settings.text).settings == settings)
        settings.columns = [.watts, .wattHours, .rate]
        (settings.sort, settings.average, settings.palette) = (.joules, .minute, .colourBlind)
        let (read, problems) = TopSettings.parse(settings.text)
        #expect(read == settings && problems.isEmpty)
    }

    @Test(arguments: [
        ("columns = watts,nope", "line 1: columns: no \"nope\""), ("\nsort=up", "line 2: sort: no \"up\""),
        ("hello", "line 1: it is not KEY = VALUE"), ("colour = red", "line 1: no setting \"colour\""),
        ("average =", "line 1: average: no \"\""), ("\u{0}\u{FFFD}", "line 1"),
    ])
    func damageIsToldAndTheRestCounts(text: String, problem: String) {
        let (settings, problems) = TopSettings.parse(text + "\npalette = colour-blind\n")
        #expect(problems.count == 1 && problems[0].hasPrefix(problem), "\(problems)")
        #expect(settings.palette == .colourBlind)
    }
}

import Runs
import Snapshot
import Testing

@Suite struct ReportTests {
    private let context = RunContext(
        measuredBy: "the agent at unix:/s",
        carbon: Snapshot.CarbonState(intensityGramsPerKilowattHour: 330, source: "Germany 2025", pue: 1.5),
        price: Price(perKilowattHour: 0.3, currency: "EUR"))

    private func run(_ joules: Double, wall: Double = 2, left: Int = 0, quality: String = "measured") -> RunFigures {
        let zone = RunFigures.Zone(
            source: "rapl", quality: quality, meterQuality: "measured",
            dynamicMicrojoules: UInt64(joules * 1e6), staticMicrojoules: 0, idleMicrojoules: 60_000_000)
        var run = RunFigures(zones: ["package-0": zone], wallSeconds: wall, cpuSeconds: wall * 1.5)
        run.emissionsGrams = joules / 3.6e6 * 330 * 1.5
        run.processesLeft = left
        return run
    }

    @Test func oneRunIsATable() {
        var measured = run(36, left: 2)
        measured.peakWatts = 21.25
        let command = MeasuredCommand(words: ["make", "-j\u{1b}[2J"], runs: [measured], exitCode: 0)
        #expect(
            RunTable.lines(command, context) == [
                "", " Energy of: make -j\\u{1b}[2J", "",
                " package-0          36.0 J   rapl, measured",
                " energy             36.0 J   dynamic 36.0 J, static 0 J",
                " power              18.0 W   mean; peak 21.3 W, the largest mean between two ticks",
                " idle               60.0 J   what the machine draws at rest in this time; not included",
                " CPU time           3.00 s",
                " wall time          2.00 s",
                " emissions     4.95 mgCO2e   330.0 gCO2e/kWh (Germany 2025), PUE 1.50",
                " cost        0.0000045 EUR   at 0.30 EUR/kWh",
                " quality                     100 % measured",
                "", " measured by the agent at unix:/s",
                " 2 processes still run that the command left behind; counted until its end", "",
            ])
    }

    @Test func severalRunsHaveStatistics() throws {
        let command = MeasuredCommand(words: ["x"], runs: [run(10), run(12), run(14)], exitCode: 0)
        let lines = RunTable.lines(command, context)
        // t(2) = 4.303: 12 -+ 4.303 * 2 / sqrt(3)
        #expect(
            lines.contains { $0.contains("energy") && $0.contains("12.0 J") && $0.contains("7.03 J to 17.0 J") },
            "\(lines)")
        let json = String(decoding: try RunDocument(command, context).json(), as: UTF8.self)
        // Before the runs come the means.
        let top = json.prefix(600)
        #expect(top.contains("\"dynamicMicrojoules\":12000000,\"staticMicrojoules\":0,\"idleMicrojoules\":60000000"))
        #expect(json.contains("\"count\":3"))
        #expect(json.hasSuffix("}\n") && json.filter { $0 == "\n" }.count == 1)
    }

    @Test func comparisonsSayWhetherTheDifferenceIsReal() {
        func compare(_ a: [Double], _ b: [Double]) -> String {
            RunTable.verdict(
                Comparison(
                    MeasuredCommand(words: ["a"], runs: a.map { run($0) }, exitCode: 0),
                    MeasuredCommand(words: ["b"], runs: b.map { run($0) }, exitCode: 0)))
        }
        #expect(compare([10, 11, 10.5, 10.2], [12, 13.1, 12.6, 12.3]).hasPrefix("B uses 20 % more energy than A"))
        #expect(compare([12, 13.1, 12.6, 12.3], [10, 11, 10.5, 10.2]).hasPrefix("B uses 17 % less energy than A"))
        #expect(compare([12, 13.1, 12.6, 12.3], [10, 11, 10.5, 10.2]).contains("The difference is real"))
        #expect(compare([10, 11, 10.5], [10.4, 10.6, 10.5]).hasPrefix("No real difference"))
        #expect(compare([10], [11]).hasPrefix("Whether their energy differs is not known"))
        #expect(Comparison.order(ofPair: 0) == [0, 1] && Comparison.order(ofPair: 3) == [1, 0])
    }

    @Test(
        arguments: [
            ("0.30EUR", 0.3, "EUR"), ("0.3", 0.3, nil), ("-0.02 eur", -0.02, "EUR"), ("12", 12, nil),
        ] as [(String, Double, String?)])
    func pricesAreRead(_ text: String, _ amount: Double, _ currency: String?) {
        #expect(Price(text) == Price(perKilowattHour: amount, currency: currency))
    }

    @Test(arguments: ["", "EUR", "0x1p3", "1e3", "inf", "nan", "0.3EURO", "0.3€", "1.2.3", "99999999999999", "0.3 EU"])
    func whatIsNoPriceIsNot(_ text: String) {
        #expect(Price(text) == nil)
    }
}

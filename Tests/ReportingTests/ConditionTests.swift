import Terminal
import Testing

@testable import Reporting

@Suite struct ConditionTests {
    private let report = Report(sampleAnswer(), by: .namespace, previous: sampleAnswer(since: 1_767_225_600, scale: 2))

    @Test(arguments: [
        ("total wh > 6", true), ("total wh > 6.4", false), ("wh>=6.3", true), ("kwh < 1", true),
        ("shop wh > 1.74", true),
        ("shop wh > 1.76", false), ("any share > 25%", true), ("any share > 40%", false), ("total g > 2.2", true),
        ("cost <= 0.0025", true), ("total measured < 100%", true), ("total change < -49%", true),
        ("total change > 0", false), ("nothing wh >= 0", false), ("batch share >= 0.3", true),
    ])
    func conditionsHoldOrNot(text: String, holds: Bool) throws {
        #expect(try ReportCondition(text).findings(in: report).isEmpty != holds)
    }

    @Test func everyRowThatIsMeantIsNamed() throws {
        #expect(try ReportCondition("any wh > 0").findings(in: report).map { $0.prefix(4) } == ["batc", "shop"])
    }

    @Test func namesMayHaveBlanks() throws {
        #expect(try ReportCondition("other workloads wh > 0").subject == "other workloads")
        #expect(try ReportCondition("other workloads wh > 0").findings(in: report).count == 1)
    }

    @Test(arguments: ["", "wh", "wh > x", "> 5", "total volts > 5", "wh > 5%", "total wh = 5", "wh > nan", "wh > inf"])
    func whatIsNoConditionIsRefused(text: String) {
        #expect(throws: ReportCondition.Refusal.self) { try ReportCondition(text) }
    }
}

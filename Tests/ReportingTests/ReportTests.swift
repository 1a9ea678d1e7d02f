import History
import Terminal
import TestSupport
import Testing

@testable import Reporting

/// A day of a node with two namespaces, a unit and what is no workload's.
func sampleAnswer(since: Int64 = 1_767_312_000, scale: Int64 = 1) -> HistoryAnswer {
    var answer = HistoryAnswer(since: since, until: since + 86_400)
    (answer.first, answer.last, answer.seconds) = (since, since + 86_400, 86_400)
    answer.node = "node7"
    answer.zones = [
        HistoryZone(name: "package-0", source: "rapl", quality: "measured", dynamicQuality: "modelled"),
        HistoryZone(name: "dram", source: "rapl", quality: "measured", dynamicQuality: "measured"),
        HistoryZone(name: "psu", source: "estimate", quality: "estimated"),
    ]
    var factors = HistoryFactors(gramsPerKilowattHour: 300, pue: 1.2, source: "Germany 2025 | <mean>")
    (factors.pricePerKilowattHour, factors.currency) = (0.32, "EUR")
    func pod(_ namespace: String, _ owner: String, _ name: String, team: String? = nil) -> HistoryWorkload {
        var workload = HistoryWorkload(kind: "pod")
        workload.namespace = namespace
        (workload.ownerKind, workload.ownerName, workload.pod) = ("Deployment", owner, name)
        if let team { workload.labels = ["team": team] }
        return workload
    }
    var unit = HistoryWorkload(kind: "unit")
    unit.path = "/system.slice/nginx.service"
    let amounts: [(HistoryWorkload, [Int64])] = [
        (pod("shop", "web", "web-1", team: "front"), [3_600_000_001, 100, 5]),
        (pod("shop", "web", "web-2", team: "front"), [1_800_000_000, 0, 0]),
        (pod("shop", "db", "db-1"), [900_000_000, 7, 0]), (pod("batch", "job", "job-1"), [7_200_000_000, 0, 0]),
        (unit, [400_000_000, 0, 0]), (HistoryWorkload(.idle), [9_000_000_000, 30_000_000, 10_000_000]),
        (HistoryWorkload(.system), [50_000_000, 0, 0]),
    ]
    answer.rows = amounts.map { workload, energy in
        var usage = HistoryUsage(zones: 3)
        for (zone, amount) in energy.enumerated() { usage.energy[zone].dynamic = amount * scale }
        usage.cpuMicroseconds = energy[0] / 10 * scale
        let sum = Double(energy.reduce(0, +) * scale) / 3.6e12 * 1.2
        usage.emissionsMicrograms = Int64((sum * 300 * 1e6).rounded())
        usage.costNanos = Int64((sum * 0.32 * 1e9).rounded())
        return HistoryAnswer.Row(workload: workload, usage: usage)
    }
    answer.applied = [.init(factors: factors, microjoules: answer.microjoules)]
    answer.steps = [0, 43_200].map { start in
        .init(
            start: since + start, seconds: 43_200,
            microjoules: answer.rows.map { row in
                let sum = row.usage.energy.reduce(0) { $0 + $1.sum }
                return start == 0 ? sum / 3 : sum - sum / 3
            })
    }
    return answer
}

@Suite struct ReportTests {
    @Test(arguments: Grouping.ofReports + [.label("team"), .label("nothing")])
    func rowsAddUpToTheNode(dimension: Grouping) {
        let answer = sampleAnswer()
        let report = Report(answer, by: dimension)
        #expect(report.rows.reduce(0) { $0 + $1.figures.microjoules } == answer.microjoules)
        #expect(report.total.microjoules == answer.microjoules)
        #expect(report.rows.reduce(0) { $0 + $1.figures.cpuMicroseconds } == report.total.cpuMicroseconds)
        #expect(
            report.rows.reduce(0) { $0 + ($1.figures.emissionsMicrograms ?? 0) } == report.total.emissionsMicrograms)
        #expect(abs(report.rows.reduce(0) { $0 + ($1.share ?? 0) } - 1) < 1e-12)
        for step in report.steps.indices {
            #expect(report.rows.reduce(0) { $0 + $1.steps[step] } == answer.steps[step].microjoules.reduce(0, +))
        }
    }

    @Test func rowsAreByTheDimensionLargestFirst() {
        let answer = sampleAnswer()
        func names(_ dimension: Grouping) -> [String] { Report(answer, by: dimension).rows.map(\.name) }
        #expect(names(.namespace) == ["batch", "shop", "other workloads", "system", "idle"])
        #expect(
            names(.owner).prefix(3) == ["batch/Deployment/job", "shop/Deployment/web", "shop/Deployment/db"])
        #expect(names(.pod).prefix(2) == ["batch/job-1", "shop/web-1"])
        #expect(names(.unit) == ["/system.slice/nginx.service", "other workloads", "system", "idle"])
        #expect(names(.label("team")) == ["front", "other workloads", "system", "idle"])
    }

    @Test func whatIsMeasuredIsNotWhatIsModelled() throws {
        let report = Report(sampleAnswer(), by: .namespace)
        // The package is measured, but divided by a model; the memory's division is measured.
        let shop = try #require(report.rows.first { $0.name == "shop" })
        #expect(shop.figures.measuredMicrojoules == 107)
        // Of the node nothing is divided: all but the estimated zone.
        let estimated: Int64 = 5 + 10_000_000
        #expect(report.total.measuredMicrojoules == report.total.microjoules - estimated)
    }

    @Test func theSpanBeforeIsComparedWhereItWasRecorded() {
        let now = sampleAnswer()
        var before = sampleAnswer(since: now.since - 86_400, scale: 2)
        let report = Report(now, by: .namespace, previous: before)
        #expect(report.previous?.microjoules == 2 * report.total.microjoules)
        #expect(report.rows.allSatisfy { $0.previousMicrojoules == 2 * $0.figures.microjoules })
        before.rows.removeAll { $0.workload.namespace == "batch" }
        #expect(Report(now, by: .namespace, previous: before).rows[0].previousMicrojoules == 0)
        // Of a third of the time there is nothing to say.
        before.seconds = 28_800
        #expect(Report(now, by: .namespace, previous: before).previous == nil)
    }

    @Test func restatingChangesFactorsOnly() {
        var report = Report(sampleAnswer(), by: .namespace)
        let before = report
        report.restate(intensity: (30, "given"))
        #expect(report.total == before.total)
        let tenth = Double(before.total.emissionsMicrograms ?? 0) / 10
        #expect(abs(Double(report.restatement?.emissionsMicrograms ?? 0) - tenth) <= 1)
        #expect(abs(report.rows.reduce(0) { $0 + ($1.restatedMicrograms ?? 0) } - Int64(tenth)) <= 5)
    }

    @Test func aPriceAloneChangesNoEmissions() {
        var report = Report(sampleAnswer(), by: .namespace)
        let before = report
        report.restate(price: (-0.1, "CHF"))
        #expect(report.currency == "CHF" && report.restatement == nil)
        #expect(report.total.emissionsMicrograms == before.total.emissionsMicrograms)
        let expected = report.total.kilowattHours * 1.2 * -0.1
        #expect(abs((report.total.cost ?? 0) - expected) < 1e-8)
    }

    /// Another PUE scales what was emitted and paid with the factors of the time, whatever these were.
    @Test func anotherPUEScales() {
        var answer = sampleAnswer()
        var later = answer.applied[0]
        later.factors.gramsPerKilowattHour = 900
        answer.applied.append(later)
        var report = Report(answer, by: .namespace)
        let before = report
        report.restate(pue: 2.4)
        #expect(report.restatement?.emissionsMicrograms == (before.total.emissionsMicrograms ?? 0) * 2)
        #expect(report.total.costNanos == (before.total.costNanos ?? 0) * 2)
    }

    @Test func twoCurrenciesAreNotAdded() {
        var answer = sampleAnswer()
        var other = answer.applied[0]
        other.factors.currency = "CHF"
        answer.applied.append(other)
        let report = Report(answer, by: .namespace)
        #expect(report.currency == nil)
        #expect(report.total.costNanos == nil && report.rows.allSatisfy { $0.figures.costNanos == nil })
        #expect(report.focus == nil)
    }

    @Test func aGapIsSaid() {
        var answer = sampleAnswer()
        #expect(!Report(answer, by: .pod).notes.contains { $0.contains("recorded") })
        answer.seconds = 43_200
        #expect(Report(answer, by: .pod).notes.contains { $0.contains("recorded 50.0 %") })
        answer.isWidened = true
        #expect(Report(answer, by: .pod).notes.contains { $0.contains("minutes of that time are gone") })
    }

    // MARK: Forms

    @Test func theTableFitsAndAddsUp() {
        let report = Report(sampleAnswer(), by: .namespace, previous: sampleAnswer(since: 1_767_225_600, scale: 2))
        let lines = report.table()
        #expect(lines.contains { $0.hasPrefix("batch ") && $0.contains(" 2.000 ") && $0.contains("-50 %") })
        #expect(lines.contains { $0.hasPrefix("total ") && $0.contains(" 6.386 ") && $0.contains("100.0 %") })
        #expect(lines.contains { $0.hasPrefix("(idle)") })
        #expect(lines.contains { $0.hasPrefix("NAMESPACE") && $0.contains(" Wh ") && $0.contains(" gCO2e ") })
        let table = lines.drop { !$0.isEmpty }.dropFirst().prefix { !$0.isEmpty }
        #expect(Set(table.map(\.count)).count == 1)
        let short = report.table(limit: 1)
        #expect(short.contains { $0.hasPrefix("(1 more)") && $0.contains(" 1.750 ") })
    }

    @Test func everyLineOfCSVHasEveryFieldAndTheSumIsTheNode() throws {
        let answer = sampleAnswer()
        let lines = Report(answer, by: .owner).csv.split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        #expect(Set(lines.map(\.count)) == [17])
        let column = try #require(lines[0].firstIndex(of: "energy_joules"))
        let sum = lines.dropFirst().reduce(0.0) { $0 + (Double($1[column]) ?? .nan) }
        #expect(abs(sum - Double(answer.microjoules) / 1e6) < 1e-6)
    }

    @Test(arguments: [
        ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"), ("-5.5", "-5.5"), ("-x", "'-x"), ("plain", "plain"),
    ])
    func fieldsAreQuoted(text: String, field: String) {
        #expect(CSV.line([text, "z"]) == field + ",z\r\n")
    }

    @Test(
        arguments: [
            (0, "0.000000"), (1, "0.000001"), (-1, "-0.000001"), (1_234_567, "1.234567"),
            (Int64.min, "-9223372036854.775808"),
        ] as [(Int64, String)])
    func millionthsAreExact(value: Int64, text: String) {
        #expect(CSV.millionths(value) == text)
    }

    @Test func markdownEscapes() {
        var answer = sampleAnswer()
        answer.rows[3].workload.namespace = "a|b<script>"
        let text = Report(answer, by: .namespace).markdown()
        #expect(text.contains("| a\\|b&lt;script> | 2.000 |"))
        #expect(text.contains("| **total** |"))
    }

    /// Names from outside cannot leave the place that the page has for them.
    @Test func thePageIsSelfContainedAndEscapes() throws {
        var answer = sampleAnswer()
        let hostile = "</script><script>alert(1)</script>\"'&<!--\u{202e}\u{1b}[31m"
        answer.rows[3].workload.namespace = hostile
        answer.node = hostile
        let page = try Report(answer, by: .namespace).html(generatedAt: 1_767_400_000)
        #expect(!page.contains("<script>alert"))
        #expect(!page.contains("\u{1b}"))
        #expect(page.components(of: "</script>") == 2)
        for place in ["http://", "https://", "src=", "@import", "url("] where place != "http://" {
            #expect(!page.contains(place), "\(place)")
        }
        #expect(page.contains("How we know"))
    }

    @Test func focusHasItsMandatoryColumnsOnceForEachCharge() throws {
        let lines = try #require(Report(sampleAnswer(), by: .namespace).focus).split(separator: "\r\n")
        let head = lines[0].split(separator: ",").map(String.init)
        let mandatory = [
            "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart",
            "BillingPeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodStart",
            "ChargePeriodEnd", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity",
            "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
        ]
        #expect(mandatory.allSatisfy(head.contains))
        #expect(Set(head).count == head.count)
        #expect(lines.count == 6)
        let cost = try #require(head.firstIndex(of: "BilledCost"))
        let sum = lines.dropFirst().reduce(0.0) { all, line in
            all + (Double(line.split(separator: ",", omittingEmptySubsequences: false)[cost]) ?? .nan)
        }
        // 0.32 EUR for each kWh and what the building adds.
        #expect(abs(sum - Double(sampleAnswer().microjoules) / 3.6e12 * 1.2 * 0.32) < 1e-8)
        // What is charged for a unit, times the units, is the charge.
        for line in lines.dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            func number(_ column: String) throws -> Double {
                let place = try #require(head.firstIndex(of: column))
                return try #require(Double(fields[place]))
            }
            #expect(fields.count == head.count)
            #expect(abs(try number("ListUnitPrice") * number("PricingQuantity") - number("ListCost")) < 1e-9)
        }
    }

    @Test(
        arguments: [
            (1, 3_600_000_000_000, "0.000000000000277"), (0, 7, "0"), (7, 2, "3.5"), (-7, 2, "-3.5"), (7, -2, "-3.5"),
            (1, 0, ""), (.max, 1, "9223372036854775807"), (.min, -1, "9223372036854775808"),
            (.max - 1, .max, "0.999999999999999"),
        ] as [(Int64, Int64, String)])
    func quotientsHaveNoExponent(value: Int64, whole: Int64, text: String) {
        #expect(CSV.fraction(value, of: whole) == text)
    }
}

extension String {
    fileprivate func components(of needle: String) -> Int { ranges(of: needle).count }
}

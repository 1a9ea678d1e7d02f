import Attribution
import MeteringTestSupport
import TestSupport
import Testing
import Units

@testable import Metering

/// Two meters of one node that are polled, each in its own time and over averages of its own.
private struct InletMeters {
    var check = CrossCheck()
    private var now = 0.0
    private var watts: [Double] = []
    private var meters: [(source: PolledSource, mailbox: PowerMailbox, average: Int, scale: Double)]

    /// - Parameter averages: over how many seconds each shows its mean.
    init(intervals: [Int], averages: [Int], scales: [Double]) {
        meters = zip(intervals, zip(averages, scales)).enumerated().map { index, meter in
            let mailbox = PowerMailbox()
            let name = "meter\(index)"
            let zone = Zone(.platform, source: name, quality: .measured, method: .sampled)
            let source = PolledSource(
                name: name, zones: [zone], interval: Seconds(Double(meter.0)), mailbox: mailbox)
            return (source, mailbox, meter.1.0, meter.1.1)
        }
    }

    /// A second in which the node draws `power`; a meter that does not report is not read.
    mutating func tick(_ power: Double, silent: Int? = nil) {
        now += 1
        watts.append(power)
        let activity = NodeUsage(duration: Seconds(1), busy: Seconds(1), cpuCount: 2)
        var read: [CrossCheck.Source] = []
        for index in meters.indices {
            let meter = meters[index]
            // They are not read at the same moment.
            if index != silent, (Int(now) + index) % Int(meter.source.interval.value) == 0 {
                let recent = watts.suffix(meter.average)
                let mean = recent.reduce(0, +) / Double(recent.count)
                meter.mailbox.post([.platform: Watts((mean * meter.scale).rounded())])
            }
            meters[index].source.sample(at: Seconds(now))
            read.append(
                CrossCheck.Source(
                    name: meter.source.name, interval: meter.source.interval,
                    readings: meters[index].source.collect(activity, at: Seconds(now))))
        }
        check.observe(read, window: Seconds(1))
        check.observe(node: read[0].readings.first, parts: [], battery: nil, window: Seconds(1))
    }
}

@Suite struct CrossCheckTests {
    /// Wherever in their windows the load changes, and though one of them lags and smooths.
    @Test(arguments: [10, 60, 150, 290, 299, 305]) func metersThatAgreeAreNotAccused(_ step: Int) throws {
        var meters = InletMeters(intervals: [10, 5], averages: [1, 20], scales: [1, 1.1])
        for second in 0..<1300 {
            meters.tick(second % 600 < step ? 100 : 400)
            try #require(meters.check.notices.isEmpty, "second \(second): \(meters.check.verdicts())")
        }
        #expect(meters.check.verdicts().map(\.zone) == ["inlet"])
    }

    @Test(arguments: [0.7, 1.3]) func metersThatDisagreeAreNamed(_ scale: Double) throws {
        var meters = InletMeters(intervals: [10, 5], averages: [1, 1], scales: [1, scale])
        for _ in 0..<300 { meters.tick(200) }
        #expect(meters.check.verdicts().isEmpty, "too early: \(meters.check.verdicts())")
        for _ in 0..<20 { meters.tick(200) }
        let state = try #require(meters.check.verdicts().first)
        #expect(state.zone == "inlet" && state.source == "meter0" && state.other == "meter1" && !state.agrees)
        #expect(abs(state.ratio - scale) < 0.01)
        let notice = try #require(meters.check.notices.first)
        #expect(notice.contains("meter1 reports \(scale) times") && notice.contains("meter0 is used"))
        // Slow meters are never mistaken for frozen counters.
        #expect(meters.check.verdicts().allSatisfy { !meters.check.isFrozen(.platform, of: $0.source) })
    }

    /// Readings that are seldom make a verdict late, not wrong.
    @Test func seldomReadingsAreComparedForLonger() {
        var meters = InletMeters(intervals: [60, 5], averages: [1, 1], scales: [1, 2])
        for _ in 0..<1700 { meters.tick(200) }
        #expect(meters.check.verdicts().isEmpty)
        for _ in 0..<200 { meters.tick(200) }
        #expect(meters.check.verdicts().map(\.agrees) == [false])
    }

    @Test func aVerdictOnAMeterThatIsGoneIsForgotten() {
        var meters = InletMeters(intervals: [5, 5], averages: [1, 1], scales: [1, 2])
        for _ in 0..<320 { meters.tick(200) }
        #expect(meters.check.notices.count == 1)
        for _ in 0..<200 { meters.tick(200, silent: 1) }
        #expect(meters.check.notices.count == 1)
        for _ in 0..<130 { meters.tick(200, silent: 1) }
        #expect(meters.check.notices.isEmpty && meters.check.verdicts().isEmpty)
    }

    /// The doctor has no minutes.
    @Test func aFirstImpressionIsReportedOnlyOnRequest() {
        var meters = InletMeters(intervals: [1, 1], averages: [1, 1], scales: [1, 1.3])
        for _ in 0..<4 { meters.tick(200) }
        #expect(meters.check.verdicts().isEmpty && meters.check.notices.isEmpty)
        #expect(meters.check.verdicts(soFar: true).map(\.agrees) == [false])
    }

    /// Through the sources themselves: an ACPI meter and a BMC, neither of them RAPL.
    @Test func anACPIMeterAndABMCAreCompared() throws {
        let host = try FakeMachine()
        try host.rapl.addSensor("power_meter", ["power1_average": "200000000"])
        let bmc = PowerMailbox()
        let polling = ManualPolling()
        var bench = MeterBench(host.paths, polling: polling) { $0.redfish = (bmc, 2) }
        for _ in 0..<8 {
            polling.poll()
            bmc.post([.platform: Watts(300)])
            bench.tick(60)
        }
        let states = bench.meters.crossChecks().filter { $0.zone == "inlet" }
        #expect(states.map(\.source) == ["hwmon"] && states.map(\.other) == ["redfish"])
        #expect(states.map(\.agrees) == [false] && states.allSatisfy { abs($0.ratio - 1.5) < 0.01 })
        #expect(bench.meters.notices.contains { $0.contains("redfish reports 1.5 times") })
        #expect(bench.meters.nodeMeter?.source == "hwmon", "the preferred one stays in force")
    }

    /// Two interfaces to the processor's own meter of the node.
    @Test func psysIsComparedToo() throws {
        let host = try FakeMachine()
        let shared = try FakeRAPL()
        try host.rapl.add("intel-rapl:1", name: "psys")
        try shared.add("intel-rapl:1", name: "psys")
        var bench = MeterBench(host.paths) { $0.hostTree = shared.sysfs }
        for second in 1...25 {
            try host.draw("intel-rapl:1", microjoules: 20_000_000)
            try shared.set("intel-rapl:1", UInt64(second) * 30_000_000)
            bench.tick()
        }
        let state = try #require(bench.meters.crossChecks().first { $0.zone == "psys" })
        #expect(state.source == "rapl" && state.other == "host" && abs(state.ratio - 1.5) < 0.01 && !state.agrees)
        #expect(bench.meters.nodeMeter?.source == "rapl")
    }
}

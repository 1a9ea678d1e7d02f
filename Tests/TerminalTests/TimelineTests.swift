import Snapshot
import Testing

@testable import Terminal

@Suite struct TimelineTests {
    @Test func aMinuteOfThePastFillsTheCurve() {
        var series = PowerSeries()
        series.append(.init(time: 600, watts: 4, cpus: nil))
        series.append(.init(time: 601, watts: 4, cpus: nil))
        let minutes = [420.0, 480, 540].map { time in
            let figures = Figures(joules: nil, cpuSeconds: nil, grams: nil, window: 60)
            return PowerSeries.Point(time: time, watts: 2, cpus: nil, figures: figures)
        }
        series.prepend(minutes)
        let powers = series.powers(24, seconds: 240, until: 601)
        #expect(powers.prefix(17).allSatisfy { $0 == 2 } && powers.last == 4)
    }

    /// A node on which `web` draws what `watts` says, one second each.
    private func reading(_ second: Int, joules: Double, watts: Double, agent: String = "a") -> Snapshot {
        var web = Samples.workload("web", kind: "container", watts: watts)
        web.zones = ["package-0": .init(dynamicMicrojoules: UInt64(joules * 1e6), staticMicrojoules: 0)]
        web.cpuSeconds = joules / 10
        web.cpuUsage = watts / 10
        var snapshot = Samples.snapshot([web], sequence: UInt64(second + 1))
        snapshot.unixTime = 1000 + Double(second)
        snapshot.timestamp = "second \(second)"
        snapshot.node.powerWatts = watts
        snapshot.node.zones[0].energyMicrojoules = UInt64(joules * 1e6)
        snapshot.agent.startTime = agent
        return snapshot
    }

    private func timeline(_ watts: [Double]) -> Timeline {
        var timeline = Timeline()
        var joules = 100.0
        for (second, value) in watts.enumerated() {
            joules += value
            timeline.append(reading(second, joules: joules, watts: value))
        }
        return timeline
    }

    @Test func meansComeFromWhatWasCounted() throws {
        let timeline = timeline((0..<30).map { $0 % 2 == 0 ? 4 : 8 })
        let now = try #require(timeline.snapshot(average: .now))
        let mean = try #require(timeline.snapshot(average: .tenSeconds))
        #expect(now.workloads[0].powerWatts == 8 && mean.workloads[0].powerWatts == 6)
        #expect(mean.workloads[0].cpuUsage == 0.6 && mean.node.powerWatts == 6 && mean.windowSeconds == 10)
        // There is only half a minute to average over; the first window is part of it.
        let minute = try #require(timeline.snapshot(average: .minute))
        #expect(minute.workloads[0].powerWatts == 6 && minute.windowSeconds == 30)
    }

    @Test func aGapDoesNotChangeTheMean() throws {
        var timeline = Timeline()
        timeline.append(reading(0, joules: 100, watts: 1))
        // Nobody read for 8 s, in which it used 80 J.
        timeline.append(reading(8, joules: 180, watts: 2))
        #expect(timeline.snapshot(average: .tenSeconds)?.workloads[0].powerWatts == 9)
    }

    @Test func whatHasJustComeUsedNothingBefore() throws {
        var timeline = timeline([5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
        var next = reading(10, joules: 155, watts: 5)
        next.workloads.append(Samples.workload("new", watts: 20, joules: 20))
        timeline.append(next)
        let mean = try #require(timeline.snapshot(average: .tenSeconds))
        #expect(mean.workloads.map(\.powerWatts) == [5, 2])
    }

    /// The row of ended workloads takes over what those have used that are not shown any more.
    @Test func theEnergyOfThePastIsNoPower() throws {
        var timeline = Timeline()
        for (second, joules) in [(0, 10), (1, 10), (2, 910)] {
            var snapshot = reading(second, joules: 100 + Double(second), watts: 1)
            snapshot.workloads.append(Samples.workload("ended", watts: 0, joules: UInt64(joules)))
            timeline.append(snapshot)
        }
        #expect(try #require(timeline.snapshot(average: .tenSeconds)).workloads.last?.powerWatts == 0)
        let latest = try #require(timeline.latest)
        var row = try #require(Rows.make(latest, model: TopModel()).rows.first { $0.id == "ended" })
        SinceMark(try #require(timeline.snapshot(stepsBack: 2))).apply(to: &row, at: 2000)
        #expect(row.joules == nil)
    }

    @Test func anotherRunOfTheAgentBeginsAnew() {
        var timeline = timeline([5, 5])
        timeline.append(reading(2, joules: 1, watts: 7, agent: "b"))
        #expect(timeline.count == 1)
        #expect(timeline.snapshot(average: .tenSeconds)?.workloads[0].powerWatts == 7)
    }

    @Test func looksBack() throws {
        let timeline = timeline([1, 2, 3, 4])
        let past = try #require(timeline.snapshot(stepsBack: 2))
        #expect(past.timestamp == "second 1" && past.workloads.map(\.powerWatts) == [2] && past.node.powerWatts == 2)
        #expect(Rows.make(past, model: TopModel()).rows[0].joules == 103)
        #expect(timeline.snapshot(stepsBack: 99)?.timestamp == "second 0")
    }

    @Test func tenMinutesAreKept() throws {
        let timeline = timeline([Double](repeating: 2, count: 900))
        #expect(timeline.count <= 616 && timeline.count >= 600)
        #expect(try #require(timeline.series("web")).count <= 616)
    }

    @Test func quickReadingsReplaceEachOther() {
        var timeline = Timeline()
        for step in 0..<50 {
            var snapshot = reading(step, joules: Double(step), watts: 1)
            snapshot.unixTime = 1000 + Double(step) * 0.2
            timeline.append(snapshot)
        }
        #expect(timeline.count <= 14 && timeline.latest?.timestamp == "second 49")
    }

    @Test func theSeriesCanBeFilledFromOutside() throws {
        var timeline = timeline([4, 4])
        let older = (1...5).map { PowerSeries.Point(time: 805 + Double($0), watts: 10, cpus: nil) }
        timeline.prepend(older, to: "web")
        let series = try #require(timeline.series("web"))
        #expect(series.count == 7 && series.points.first?.time == 806)
        #expect(series.powers(2, seconds: 200, until: 1001) == [10, 4])
    }

    @Test func absurdTimesAndPowersDoNotTrap() {
        var series = PowerSeries()
        for (time, watts) in [(-1e308, 1e-300), (0, -1e300), (1e308, 2)] {
            series.append(.init(time: time, watts: watts, cpus: nil))
        }
        for end in [-1e308, 0, 1e308] {
            let powers = series.powers(8, seconds: 1e-3, until: end)
            #expect(Trend.text(powers, look: .bare).count == 8)
        }
        #expect(Trend.text([-1e300, 1e-300, nil], look: .bare) == "\u{2581}\u{2588} ")
    }

    @Test func marksCountFromThere() throws {
        let timeline = timeline([4, 4, 4, 4, 4, 4])
        let first = SinceMark(try #require(timeline.snapshot(stepsBack: 4)))
        let second = SinceMark(try #require(timeline.snapshot(stepsBack: 2)), after: first)
        let now = try #require(timeline.latest)
        var row = try #require(Rows.make(now, model: TopModel()).rows.first)
        second.apply(to: &row, at: now.unixTime)
        #expect(row.joules == 8 && row.watts == 4 && row.wattsBefore == 4)
        #expect(first.before == nil && second.before?.seconds == 2)
    }
}

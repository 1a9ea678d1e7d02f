import Attribution
import Linux
import Synchronization
import TestSupport
import Testing
import Units

@testable import Metering

/// A reader whose share answers when the test says so; nothing waits.
private final class ScriptedChannel: ShareChannel {
    struct State {
        var now = 0.0
        var energy: UInt64 = 0
        var isHung = false
        var hasEnded = false
        var exists = true
        var asked = 0
        var answers: [PowercapReading] = []
        /// The longest time that anybody was ready to wait.
        var wait = 0.0
        var refusal: Diagnosis?
    }

    let state = Mutex(State())

    var now: Double { state.withLock(\.now) }
    var hasEnded: Bool { state.withLock(\.hasEnded) }
    var exists: Bool { state.withLock(\.exists) }

    func ask() {
        state.withLock { $0.asked += 1 }
        if !state.withLock(\.isHung) { read() }
    }

    func answer(within seconds: Double) -> PowercapReading? {
        state.withLock { state in
            state.wait = max(state.wait, seconds)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
    }

    func end() {
        state.withLock { $0.hasEnded = true }
    }

    /// The share answers what it was asked.
    func read(took duration: Double = 0) {
        state.withLock { state in
            let zone = RAPLZone(id: ZoneID(.package, socket: 0), path: "/share/0", range: nil, constraints: [])
            var reading = PowercapReading(counters: [.init(zone: zone, energy: state.energy)])
            if let refusal = state.refusal { reading = PowercapReading(refusal: refusal) }
            (reading.time, reading.duration) = (state.now, duration)
            state.answers.append(reading)
        }
    }
}

/// A share of 10 W on a clock of its own.
private final class Share: Sendable {
    private let channels = Mutex<[ScriptedChannel]>([])
    private let now = Mutex(0.0)
    let isHung: Bool

    init(isHung: Bool = false) {
        self.isHung = isHung
    }

    func open() -> any ShareChannel {
        let channel = ScriptedChannel()
        channel.state.withLock { $0.isHung = isHung }
        channels.withLock { $0.append(channel) }
        set(now.withLock(\.self))
        return channel
    }

    var all: [ScriptedChannel] { channels.withLock { $0 } }
    var last: ScriptedChannel { all[all.count - 1] }

    func set(_ now: Double) {
        self.now.withLock { $0 = now }
        for channel in all {
            channel.state.withLock { ($0.now, $0.energy, $0.wait) = (now, UInt64(now * 10e6), 0) }
        }
    }
}

@Suite struct ShareSourceTests {
    /// A window of one second, like the engine's.
    private func tick(_ source: inout ShareSource, of share: Share, at now: Double) -> ZoneReading? {
        share.set(now)
        source.sample(at: Seconds(now))
        source.sample(at: Seconds(now))
        return source.collect(NodeUsage(duration: Seconds(1), busy: Seconds(1), cpuCount: 2), at: Seconds(now)).first
    }

    private func source(of share: Share) throws -> ShareSource {
        try ShareSource(place: "/share") { share.open() }
    }

    @Test func aShareThatAnswersIsReadOncePerWindow() throws {
        let share = Share()
        var source = try source(of: share)
        #expect(source.zones.map(\.name) == ["package-0"] && source.zones[0].source == "host")
        #expect(tick(&source, of: share, at: 1) == nil)
        #expect(tick(&source, of: share, at: 2)?.energy == Microjoules(10_000_000))
        #expect(share.last.state.withLock(\.asked) == 3)
        #expect(source.health.errors == 0 && source.health.reads == 2)
    }

    @Test func aHungShareIsDownAtOnceAndIsNotWaitedForAgain() throws {
        let share = Share()
        var source = try source(of: share)
        for second in 1...2 { _ = tick(&source, of: share, at: Double(second)) }
        share.last.state.withLock { $0.isHung = true }
        #expect(tick(&source, of: share, at: 3) == nil)
        #expect(share.last.state.withLock(\.wait) == 0.05)
        for second in 4...8 {
            #expect(tick(&source, of: share, at: Double(second)) == nil)
            #expect(share.last.state.withLock(\.wait) == 0)
        }
        #expect(share.last.state.withLock(\.asked) == 4)
        #expect(source.health.errors == 6)
        #expect(source.health.lastError?.hasPrefix("/share has not answered for 6 s") == true)
    }

    @Test func itsEnergyMeanwhileIsOfTheGap() throws {
        let share = Share()
        var source = try source(of: share)
        for second in 1...2 { _ = tick(&source, of: share, at: Double(second)) }
        share.last.state.withLock { $0.isHung = true }
        for second in 3...6 { _ = tick(&source, of: share, at: Double(second)) }
        share.last.state.withLock { $0.isHung = false }
        share.last.read(took: 3.5)
        let reading = try #require(tick(&source, of: share, at: 7))
        #expect(reading.energy == Microjoules(10_000_000) && reading.gapEnergy == Microjoules(40_000_000))
        #expect(tick(&source, of: share, at: 8)?.total == Microjoules(10_000_000))
        #expect(source.health.errors == 4)
        _ = tick(&source, of: share, at: 9)
        #expect(share.last.state.withLock(\.wait) == 0.05)
    }

    /// Answers that take longer than is waited are of use one window later.
    @Test func aSlowShareIsReadLate() throws {
        let share = Share()
        var source = try source(of: share)
        share.last.state.withLock { $0.isHung = true }
        var energy = UInt64(0)
        for second in 1...6 {
            let reading = tick(&source, of: share, at: Double(second))
            energy += reading?.total.count ?? 0
            #expect(share.last.state.withLock(\.wait) == (second == 1 ? 0.05 : 0))
            share.set(Double(second) + 0.2)
            share.last.read(took: 0.2)
        }
        // The base is of 1.2 s, the last one of 5.2 s.
        #expect(energy == 40_000_000 && source.health.errors == 1)
    }

    @Test func aShareThatHangsFromTheStartIsDownUntilItAnswers() throws {
        let share = Share(isHung: true)
        var source = try source(of: share)
        #expect(tick(&source, of: share, at: 1) == nil && source.zones.isEmpty && source.health.errors == 1)
        share.last.state.withLock { $0.isHung = false }
        share.last.read(took: 2)
        _ = tick(&source, of: share, at: 2)
        #expect(source.zones.count == 1 && tick(&source, of: share, at: 3)?.total == Microjoules(10_000_000))
    }

    @Test func aRefusalIsThrownAtTheStartAndNotedLater() throws {
        let gone = Diagnosis(.missing, "/share: no powercap zone")
        let share = Share()
        #expect(throws: gone) {
            _ = try ShareSource(place: "/share") {
                let channel = ScriptedChannel()
                channel.state.withLock { $0.refusal = gone }
                return channel
            }
        }
        var source = try source(of: share)
        share.last.state.withLock { $0.refusal = gone }
        #expect(tick(&source, of: share, at: 1) == nil)
        #expect(source.health.lastError == gone.description && source.health.errors == 1)
    }

    @Test func aReaderThatEndsIsReplaced() throws {
        let share = Share()
        var source = try source(of: share)
        _ = tick(&source, of: share, at: 1)
        share.last.state.withLock { ($0.hasEnded, $0.exists, $0.isHung) = (true, false, true) }
        #expect(tick(&source, of: share, at: 2)?.total == Microjoules(10_000_000) && share.all.count == 2)
    }

    /// What is mounted anew at the same place is seen by a new reader only; readers that cannot be ended do not pile up.
    @Test func aReaderThatIsSilentForAMinuteIsGivenUp() throws {
        let share = Share(isHung: true)
        var source = try source(of: share)
        for second in 5001...5059 { _ = tick(&source, of: share, at: Double(second)) }
        #expect(share.all.count == 1)
        for second in 5060...5600 { _ = tick(&source, of: share, at: Double(second)) }
        #expect(share.all.count == 3 && share.all.allSatisfy(\.hasEnded))
        for channel in share.all { channel.state.withLock { $0.exists = false } }
        for second in 5601...5620 { _ = tick(&source, of: share, at: Double(second)) }
        #expect(share.all.count == 4 && !share.last.hasEnded)
    }

    @Test func aReadingSurvivesTheWay() throws {
        let rapl = try FakeRAPL()
        try rapl.add("intel-rapl:0", name: "package-0", energy: 5)
        try rapl.add("intel-rapl:1", name: "package-1", energy: 6)
        try rapl.setLimit("intel-rapl:0", 95_000_000)
        var server = ShareServer(share: rapl.sysfs)
        var clock = 1.0
        func next() -> Double {
            clock += 1
            return clock
        }
        _ = server.answer(next)
        try rapl.setRaw("intel-rapl:1", "a\nb")
        let reading = server.answer(next)
        #expect(reading.counters.map(\.energy) == [5, nil] && reading.counters[0].zone.constraints == [95_000_000])
        #expect(reading.time == 5 && reading.duration == 1)
        #expect(try PowercapReading(line: reading.line()) == reading && !reading.line().contains(UInt8(ascii: "\n")))
        var nowhere = ShareServer(share: "/nope")
        #expect(nowhere.answer(next).refusal?.code == .missing)
        #expect(throws: (any Error).self) { try PowercapReading(line: Array("{".utf8)) }
    }
}

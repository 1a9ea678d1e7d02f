import Engine
import TestSupport
import Units

/// The engine's clocks over a test's time; the start is 2026-01-01T00:00:00Z.
struct ManualClock: EngineClock {
    let time: ManualTime

    var awake: Seconds { Seconds(time.awake) }
    var elapsed: Seconds { Seconds(time.elapsed) }
    var unixTime: Double { 1_767_225_600 + time.elapsed }
}

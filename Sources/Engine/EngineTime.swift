internal import Units

/// The engine's own time: it starts at 0 and does not pass while the machine sleeps.
struct EngineTime {
    let clock: any EngineClock
    private let origin: Seconds
    private let elapsedOrigin: Seconds
    /// How long the machine has slept since the start, s.
    private var slept = 0.0

    init(_ clock: any EngineClock) {
        self.clock = clock
        origin = clock.awake
        elapsedOrigin = clock.elapsed
    }

    var now: Seconds { Seconds(clock.awake.value - origin.value) }

    /// The same moment by the clock of the meters, which may count while the machine sleeps: what they counted then is
    /// energy of a longer time, not of the window after it.
    func meterTime(_ moment: Seconds) -> Seconds { Seconds(moment.value + slept) }

    /// Notices that the machine has slept.
    mutating func noteSleep() {
        let asleep = clock.elapsed.value - elapsedOrigin.value - now.value
        // The clocks are read one after the other.
        if asleep > slept + 0.01 { slept = asleep }
    }
}

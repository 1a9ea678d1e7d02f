internal import Glibc
package import Units

/// The clocks that the engine reads. Injected, so that tests run in virtual time.
package protocol EngineClock: Sendable {
    /// Time since an arbitrary origin that does not pass while the machine sleeps. `CLOCK_MONOTONIC`
    var awake: Seconds { get }
    /// Time since an arbitrary origin, sleep included. `CLOCK_BOOTTIME`
    var elapsed: Seconds { get }
    /// Unix time in s, with milliseconds. `CLOCK_REALTIME`
    var unixTime: Double { get }
}

/// The machine's own clocks.
package struct SystemClock: EngineClock {
    package init() {}

    package var awake: Seconds { Self.read(CLOCK_MONOTONIC) }
    package var elapsed: Seconds { Self.read(CLOCK_BOOTTIME) }
    package var unixTime: Double { (Self.read(CLOCK_REALTIME).value * 1000).rounded(.down) / 1000 }

    private static func read(_ clock: clockid_t) -> Seconds {
        var time = timespec()
        clock_gettime(clock, &time)
        return Seconds(Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    }
}

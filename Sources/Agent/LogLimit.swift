/// How often a message may be logged: five times a minute. What is wrong may be so in every tick, and a log that is full of
/// it hides everything else.
struct LogLimit {
    private struct Entry {
        var began: ContinuousClock.Instant
        var count = 0
        var suppressed: UInt64 = 0
    }

    private var entries: [String: Entry] = [:]

    static let burst = 5
    static let period = Duration.seconds(60)
    /// Messages that are remembered; texts of errors may be part of them.
    static let mostMessages = 256

    /// How many of this message were left out before; nil where it is to be left out.
    mutating func admit(_ message: String, at now: ContinuousClock.Instant) -> UInt64? {
        if entries[message] == nil, entries.count >= Self.mostMessages {
            entries = entries.filter { now - $0.value.began < Self.period }
            if entries.count >= Self.mostMessages { entries = [:] }
        }
        var entry = entries[message] ?? Entry(began: now)
        defer { entries[message] = entry }
        var before: UInt64 = 0
        if now - entry.began >= Self.period {
            before = entry.suppressed
            entry = Entry(began: now)
        }
        entry.count += 1
        guard entry.count <= Self.burst else {
            entry.suppressed += 1
            return nil
        }
        return before
    }
}

/// Failed logins by client: after five there is a pause, which doubles with each further one.
struct LoginAttempts {
    private struct Entry {
        var failures = 0
        var last: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]

    /// Failures without a pause.
    static let free = 5
    /// s.
    static let longestPause = 300
    /// Then nothing is remembered of a client.
    private static let memory = Duration.seconds(600)
    /// An attacker may have any number of addresses.
    static let mostClients = 10_000

    var count: Int { entries.count }

    /// Seconds that the client must wait; nil where it may try.
    func pause(for client: String, at now: ContinuousClock.Instant) -> Int? {
        guard let entry = entries[client], entry.failures >= Self.free, now - entry.last < Self.memory else {
            return nil
        }
        let pause = min(1 << min(entry.failures - Self.free, 10), Self.longestPause)
        let rest = Duration.seconds(pause) - (now - entry.last)
        return rest > .zero ? Int((rest / .seconds(1)).rounded(.up)) : nil
    }

    /// Constant time; where the table is full, that of a sort of it, once in half as many new clients.
    mutating func note(isRight: Bool, by client: String, at now: ContinuousClock.Instant) {
        guard !isRight else {
            entries[client] = nil
            return
        }
        if entries.count >= Self.mostClients, entries[client] == nil {
            entries = entries.filter { now - $0.value.last < Self.memory }
            // Still full: the oldest half goes.
            if entries.count >= Self.mostClients {
                let order = entries.sorted { $0.value.last > $1.value.last }
                entries = Dictionary(uniqueKeysWithValues: order.prefix(Self.mostClients / 2).map { $0 })
            }
        }
        var entry = entries[client] ?? Entry(last: now)
        if now - entry.last >= Self.memory { entry.failures = 0 }
        entry.failures += 1
        entry.last = now
        entries[client] = entry
    }
}

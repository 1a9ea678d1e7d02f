/// How long to wait before a request is sent again: longer each time, and not all agents at once.
struct RetryPauses {
    /// Attempts in a row that failed.
    private(set) var failures = 0

    private static let first = 1.0
    private static let longest = 60.0
    /// However long a collector asks to wait, s.
    private static let longestAsked = 3600.0

    mutating func succeed() { failures = 0 }

    /// - Parameters:
    ///   - asked: what the collector asked for.
    ///   - chance: 0 to 1, another one each time.
    /// - Returns: s.
    mutating func next(asked: Duration?, chance: Double) -> Double {
        let pause = min(Self.first * Double(UInt64(1) << min(failures, 10)), Self.longest)
        failures += 1
        // At least half of it; after the time that was asked for, a little later, so that agents do not all come at once.
        let own = pause * (0.5 + chance / 2)
        guard let asked else { return own }
        return max(own, min(asked / .seconds(1), Self.longestAsked) + chance)
    }
}

/// How large errors usually are, and how much one of a given size is trusted (Huber's weights).
struct ErrorScale: Sendable {
    /// Running mean of the error, W.
    private var deviation = 0.0

    /// Errors beyond this many mean errors count as if they lay there.
    private static let huber = 2.5
    /// Weight of a window of a second or more in the running mean.
    private static let gain = 0.02

    /// 1 for errors as they are usual, less for greater ones.
    ///
    /// - Parameters:
    ///   - seconds: length of the window.
    ///   - isYoung: nothing is unusual yet.
    mutating func weight(of error: Double, seconds: Double, isYoung: Bool) -> Double {
        defer {
            let gain = Self.gain * min(1, seconds)
            deviation = deviation == 0 ? error : deviation + gain * (min(error, 5 * deviation) - deviation)
        }
        guard !isYoung, error > Self.huber * deviation else { return 1 }
        return Self.huber * deviation / error
    }
}

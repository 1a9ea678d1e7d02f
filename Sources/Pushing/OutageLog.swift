/// Which events of the sending have a line in the log: the first of each kind in an outage, and its end. Outages that follow
/// one another quickly have one line of each kind in ten minutes.
struct OutageLog: Sendable {
    enum Event: Hashable {
        /// Requests wait, whatever the reason, which may be another one each time.
        case waiting
        /// The collector refused a request, which is lost.
        case refused
        /// The collector refused some data points, or has a warning.
        case partial
        /// The queue has no room.
        case dropping
    }

    private var shown: Set<Event> = []
    private var last: [Event: Duration] = [:]

    static let pause = Duration.seconds(600)

    /// Whether to log it.
    ///
    /// - Parameter now: since any moment, the same each time.
    mutating func begins(_ event: Event, at now: Duration) -> Bool {
        guard !shown.contains(event), last[event].map({ now - $0 >= Self.pause }) ?? true else { return false }
        shown.insert(event)
        last[event] = now
        return true
    }

    /// Whether to log that all is well again.
    mutating func ends() -> Bool {
        defer { shown = [] }
        return !shown.isEmpty
    }
}

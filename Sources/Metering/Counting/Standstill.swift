internal import Units

/// For how long a counter has not moved, and what the CPUs did meanwhile.
struct Standstill: Sendable {
    private var windows = 0
    private var seconds = 0.0
    private var busy = 0.0

    /// Counters of a hypervisor's tree may be renewed every few seconds.
    private static let shortest = (windows: 3, seconds: 5.0)
    /// CPU time that no processor gives for nothing, s.
    private static let leastBusy = 0.1
    /// After so long the machine's own housekeeping would have shown, s.
    private static let longest = 30.0

    /// True once it is certain that the counter does not count: not moved for some windows though the CPUs were busy, or
    /// not for half a minute.
    var isProven: Bool {
        windows >= Self.shortest.windows && seconds >= Self.shortest.seconds
            && (busy >= Self.leastBusy || seconds >= Self.longest)
    }

    mutating func observe(hasMoved: Bool, _ activity: NodeUsage) {
        guard !hasMoved else {
            self = Standstill()
            return
        }
        windows += 1
        seconds += activity.duration.value
        busy += max(0, activity.busy.value)
    }

    /// What is wrong with the counter at `path`, for people.
    func finding(_ path: String) -> String {
        let used = (busy * 10).rounded() / 10
        return
            "\(path): the counter has not moved for \(Int(seconds.rounded())) s, in which the CPUs worked for \(used) s: "
            + "its power is unknown, not 0 W"
    }
}

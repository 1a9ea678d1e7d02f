package import Snapshot

/// The largest power of a cgroup while a command ran in it, from the windows of the agent that lie within that time.
package struct PowerPeak: Sendable {
    private let id: UInt64
    private let start: Double
    /// Ever larger ones: the last of them may reach beyond the end.
    private var maxima: [(end: Double, watts: Double)] = []

    /// - Parameters:
    ///   - id: of the cgroup.
    ///   - start: when the command began, Unix time, s.
    package init(of id: UInt64, since start: Double) {
        (self.id, self.start) = (id, start)
    }

    /// Takes in a snapshot; again the same changes nothing.
    package mutating func add(_ snapshot: Snapshot) {
        guard let watts = snapshot.workloads.first(where: { $0.cgroupId == id })?.powerWatts else { return }
        add(watts, in: snapshot.window)
    }

    /// Takes in the mean power of a window, Unix time, s.
    package mutating func add(_ watts: Double, in window: ClosedRange<Double>) {
        guard window.lowerBound >= start, watts > maxima.last?.watts ?? -1 else { return }
        maxima.append((window.upperBound, watts))
    }

    /// - Parameter end: when the command ended, Unix time, s.
    package func watts(until end: Double) -> Double? { maxima.last { $0.end <= end }?.watts }
}

package import Units

/// What the workloads did in one window, as every zone sees it. Reused from window to window for its storage.
package struct UsageWindow: Sendable {
    package private(set) var duration = Seconds(0)
    /// Share of the node's CPU time that was used, 0...1.
    package private(set) var utilization = 0.0
    /// Of every workload that can have a share, with distinct ids.
    package private(set) var usage: [WorkloadUsage] = []
    /// Indices of the workloads with CPU time, ascending.
    package private(set) var active: [Int] = []
    /// What each workload has reserved for ``StaticPolicy/requests``, any unit, or 1 for each that is charged for
    /// ``StaticPolicy/equal``; missing ones count as 0. Further weights belong to no workload: their part stays idle.
    package var staticWeights: [UInt64] = []
    /// What each workload used of a device, any unit, by zone: for ``AttributionBasis/deviceShares``. Missing ones
    /// count as 0.
    package var deviceShares: [ZoneID: [UInt64]] = [:]
    /// Rates by workload; only those of ``active`` ones mean something. Empty where the window has no usable length.
    private(set) var features: [PowerFeatures] = []
    /// Mean counts of this window, for workloads whose counters are unknown.
    private(set) var means = CounterMeans()
    /// Mean number of busy CPUs.
    private(set) var busy = 0.0

    /// Shorter windows have no rates, s.
    private static let shortest = 1e-3

    package init() {}

    /// A window that is complete.
    package init(
        duration: Seconds, utilization: Double, usage: [WorkloadUsage], staticWeights: [UInt64] = [],
        deviceShares: [ZoneID: [UInt64]] = [:]
    ) {
        self.staticWeights = staticWeights
        self.deviceShares = deviceShares
        update(duration: duration, utilization: utilization) { $0 = usage }
    }

    /// Takes in the next window.
    ///
    /// - Parameters:
    ///   - duration: its length.
    ///   - utilization: share of the node's CPU time that was used, 0...1.
    ///   - fill: appends the usage of every workload; the array comes empty, with its storage.
    /// - Complexity: O(workloads), with a small constant for those that are not active.
    package mutating func update(duration: Seconds, utilization: Double, _ fill: (inout [WorkloadUsage]) -> Void) {
        self.duration = duration
        self.utilization = utilization
        usage.removeAll(keepingCapacity: true)
        fill(&usage)
        active.removeAll(keepingCapacity: true)
        for index in usage.indices where usage[index].cpuNanoseconds > 0 { active.append(index) }
        means = CounterMeans(of: usage, active: active)
        updateFeatures(seconds: duration.value)
    }

    /// Calls `body` with id and features of each active workload. The window has features.
    @inline(__always)
    func forEachActive(_ body: (UInt64, PowerFeatures.Vector) -> Void) {
        // Element by element through the arrays each vector would be copied twice.
        usage.withUnsafeBufferPointer { usage in
            features.withUnsafeBufferPointer { features in
                for index in active { body(usage[index].id, features[index].values) }
            }
        }
    }

    private mutating func updateFeatures(seconds: Double) {
        busy = 0
        guard seconds > Self.shortest, seconds.isFinite else {
            features.removeAll(keepingCapacity: true)
            return
        }
        if features.count > usage.count { features.removeLast(features.count - usage.count) }
        while features.count < usage.count { features.append(.zero) }
        for index in active {
            features[index] = PowerFeatures(usage[index], seconds: seconds, means: means)
            busy += Double(usage[index].cpuNanoseconds) / 1e9 / seconds
        }
    }
}

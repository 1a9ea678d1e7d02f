package import Units

/// What a metered zone drew at which load of the node: the curve that a model file passes on.
package struct MeasuredCurve: Sendable, Equatable {
    /// One stretch of load.
    package struct Point: Sendable, Equatable, Codable {
        /// Mean load of the windows, 0...1.
        package var utilization: Double
        package var watts: Double
        /// Mean absolute deviation of the windows, W.
        package var spreadWatts: Double
        /// Time that was spent there, s.
        package var seconds: Double

        package init(utilization: Double, watts: Double, spreadWatts: Double, seconds: Double) {
            self.utilization = utilization
            self.watts = watts
            self.spreadWatts = spreadWatts
            self.seconds = seconds
        }
    }

    private var stretches = [Point?](repeating: nil, count: 20)
    /// Time constant of forgetting, s: a day of windows at one load.
    private static let memory = 86_400.0

    package init() {}

    /// By load; only where any time was spent.
    package var points: [Point] { stretches.compactMap(\.self) }

    /// Takes in a window; one without energy or time teaches nothing.
    package mutating func observe(power: Watts, utilization: Double, over duration: Seconds) {
        guard power.value > 0, power.value.isFinite, utilization.isFinite, duration.value > 0, duration.value.isFinite
        else { return }
        let load = min(max(utilization, 0), 1)
        let index = min(Int(load * Double(stretches.count)), stretches.count - 1)
        guard var point = stretches[index] else {
            stretches[index] = Point(
                utilization: load, watts: power.value, spreadWatts: 0, seconds: duration.value)
            return
        }
        point.seconds += duration.value
        let gain = min(1, duration.value / min(point.seconds, Self.memory))
        point.spreadWatts += gain * (abs(power.value - point.watts) - point.spreadWatts)
        point.utilization += gain * (load - point.utilization)
        point.watts += gain * (power.value - point.watts)
        stretches[index] = point
    }
}

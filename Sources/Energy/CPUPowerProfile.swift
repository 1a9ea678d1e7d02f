/// Estimates the power of a processor from published figures of similar ones, for machines without a meter.
package struct CPUPowerProfile: Sendable {
    /// The name of the ``CPUFamily``, or `generic`.
    package let family: String
    package let idleWattsPerThread: Double
    package let maximumWattsPerThread: Double
    /// Half the width of the error band, as a share of the estimate: 0.4 is +/- 40 %.
    package let relativeError: Double

    /// The figures of the processor's own family, of the closest one with a wider band, or generic ones.
    package init(for cpu: CPUModel) {
        guard let (family, isMember) = CPUFamily.identify(cpu) else {
            self = .generic
            return
        }
        let watts = family.wattsPerThread
        let byClock = cpu.nominalGigahertz.flatMap(family.maximumWattsPerThread(atGigahertz:))
        self.init(
            family: family.rawValue, idleWattsPerThread: watts.idle, maximumWattsPerThread: byClock ?? watts.maximum,
            relativeError: isMember ? watts.relativeError : Self.relativeErrorOfNeighbours)
    }

    private init(
        family: String, idleWattsPerThread: Double, maximumWattsPerThread: Double, relativeError: Double
    ) {
        self.family = family
        self.idleWattsPerThread = idleWattsPerThread
        self.maximumWattsPerThread = maximumWattsPerThread
        self.relativeError = relativeError
    }

    /// Medians of one server generation and the next differ by up to 36 %, on top of the family's own spread.
    private static let relativeErrorOfNeighbours = 0.6

    /// The median over the families of ``CPUFamily/wattsPerThread``; the band holds all of them but Sandy Bridge.
    package static let generic = CPUPowerProfile(
        family: "generic", idleWattsPerThread: 0.637, maximumWattsPerThread: 3.462, relativeError: 0.75)

    /// The power of `threads` hardware threads, each busy for `utilization` (0 to 1) of the time on average. What lies
    /// outside counts as the nearest end, and what is not a number as 0.
    package func watts(threads: Int, utilization: Double) -> Watts {
        let dynamic = Self.dynamicFraction(at: utilization) * (maximumWattsPerThread - idleWattsPerThread)
        return Watts(Double(max(threads, 0)) * (idleWattsPerThread + dynamic))
    }

    /// (P - Pidle) / (Pmax - Pidle) at 0, 10 ... 100 % load: mean package RAPL of three bare-metal machines under
    /// stress (c5, r5, i3). Teads turbostress reports, 2021, CC0.
    private static let curve = [0, 0.193, 0.321, 0.439, 0.556, 0.666, 0.740, 0.816, 0.872, 0.917, 1]

    /// The share of the span between idle and maximum power that is drawn at `utilization` (0 to 1): concave, for the
    /// first busy threads wake what all share. Linear between the eleven measured points.
    package static func dynamicFraction(at utilization: Double) -> Double {
        guard utilization > 0 else { return 0 }
        let position = min(utilization, 1) * Double(curve.count - 1)
        let index = min(Int(position), curve.count - 2)
        return curve[index] + (curve[index + 1] - curve[index]) * (position - Double(index))
    }
}

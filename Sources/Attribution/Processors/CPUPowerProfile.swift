package import Units

/// Estimates the power of processor packages from published figures, for machines without a meter.
package struct CPUPowerProfile: Sendable {
    /// What the figures were taken from.
    package enum Basis: String, Sendable, CaseIterable {
        /// The very part was metered on bare metal.
        case measured = "bare-metal measurements of this part"
        /// The design power of the very part.
        case designPower = "the design power of this part"
        /// The clock in the name, of a family that was measured on bare metal.
        case clock = "the clock and family of this part"
        /// The clock that all its cores keep up, of such a family.
        case turbo = "the all-core clock and family of this part"
        case family = "the family of this part"
        case neighbour = "a similar family"
        case generic = "typical servers"
    }

    /// The name of the ``CPUFamily``, or `generic`.
    package let family: String
    package let basis: Basis
    package let idleWattsPerThread: Double
    /// Under a load that keeps every thread busy with arithmetic.
    package let maximumWattsPerThread: Double
    /// The band: nine times out of ten the true power lies between the estimate divided by this and times this.
    package let spread: Double
    private let curve: [Double]

    /// What was measured on bare metal and holds for packages like those.
    package struct Calibration: Sendable {
        /// Package power at rest and under full stress, per watt of design power.
        package var idlePerDesignWatt: Double
        package var fullPerDesignWatt: Double
        /// Watts of a thread under full stress, per square of the nominal clock in GHz.
        package var fullPerSquareGigahertz: Double
        /// The same by the clock that all cores keep up together; see ``CPUTurbo``.
        package var fullPerSquareTurbo: Double
        /// (P - Pidle) / (Pmax - Pidle) at 0, 10 ... 100 % load.
        package var curve: [Double]

        package init(
            idlePerDesignWatt: Double, fullPerDesignWatt: Double, fullPerSquareGigahertz: Double,
            fullPerSquareTurbo: Double, curve: [Double]
        ) {
            self.idlePerDesignWatt = idlePerDesignWatt
            self.fullPerDesignWatt = fullPerDesignWatt
            self.fullPerSquareGigahertz = fullPerSquareGigahertz
            self.fullPerSquareTurbo = fullPerSquareTurbo
            self.curve = curve
        }

        /// Means over package RAPL of seven machines (c5, c5n, i3, m5, m5zn, r5 and z1d bare metal: Skylake, Cascade Lake,
        /// Broadwell) under CPU stress. Teads turbostress reports, 2021, CC0.
        package static let bareMetal = Calibration(
            idlePerDesignWatt: 0.117, fullPerDesignWatt: 1.03, fullPerSquareGigahertz: 0.746, fullPerSquareTurbo: 0.525,
            curve: [0, 0.223, 0.339, 0.452, 0.575, 0.688, 0.781, 0.854, 0.920, 0.976, 1])
    }

    /// The figures of the very part, of its family, of the closest family, or generic ones: the best there are.
    ///
    /// - Parameter part: what was measured of this processor; nil for one that never was.
    package init(for cpu: CPUModel, measured part: MeasuredPart?, calibration: Calibration = .bareMetal) {
        let known = CPUFamily.identify(cpu)
        if let part, let idle = part.packageWatts.first, let full = part.packageWatts.last, full > idle {
            family = known?.family.rawValue ?? "generic"
            idleWattsPerThread = idle
            maximumWattsPerThread = full
            curve = part.packageWatts.map { ($0 - idle) / (full - idle) }
            // Vector code takes a fifth more than the stress of the curve, memory stress a tenth less.
            (basis, spread) = (.measured, 1.25)
            return
        }
        let design = CPUDesignPower.wattsPerThread(named: cpu.name)
        let family = known?.family
        let isCalibrated = family?.isCalibrated == true && known?.isMember == true
        let byClock = cpu.nominalGigahertz.flatMap { clock in
            isCalibrated && Self.clocks.contains(clock) ? calibration.fullPerSquareGigahertz * clock * clock : nil
        }
        self.family = family?.rawValue ?? "generic"
        curve = calibration.curve

        let published = family?.published ?? Self.generic
        let perThread = design ?? published.designWattsPerThread
        // Packages of these families exceed their design power under stress; others are not known to.
        let byDesign = perThread * (isCalibrated ? calibration.fullPerDesignWatt : 1)
        // Idle packages of other families are to these as the idle machines are (Cascade Lake: 0.15).
        let idleShare = calibration.idlePerDesignWatt * (isCalibrated ? 1 : published.machineIdleShare / 0.15)
        if isCalibrated, let turbo = CPUTurbo.allCoreGigahertz(named: cpu.name) {
            maximumWattsPerThread = calibration.fullPerSquareTurbo * turbo * turbo
            idleWattsPerThread = maximumWattsPerThread / calibration.fullPerDesignWatt * idleShare
            (basis, spread) = (.turbo, 1.35)
            return
        }
        switch (design, byClock) {
        case (_?, let byClock?):
            // Two guesses that err for different reasons: the geometric mean.
            maximumWattsPerThread = (byDesign * byClock).squareRoot()
            idleWattsPerThread = perThread * idleShare
            (basis, spread) = (.designPower, 1.3)
        case (_?, nil):
            maximumWattsPerThread = byDesign
            idleWattsPerThread = perThread * idleShare
            (basis, spread) = (.designPower, 1.45)
        case (nil, let byClock?):
            maximumWattsPerThread = byClock
            idleWattsPerThread = byClock / calibration.fullPerDesignWatt * idleShare
            (basis, spread) = (.clock, 1.4)
        case (nil, nil):
            maximumWattsPerThread = byDesign
            idleWattsPerThread = perThread * idleShare
            switch known?.isMember {
            case true?: (basis, spread) = (.family, 1.7)
            case false?: (basis, spread) = (.neighbour, 2.0)
            case nil: (basis, spread) = (.generic, 2.5)
            }
        }
    }

    package init(for cpu: CPUModel) { self.init(for: cpu, measured: .named(cpu.name)) }

    /// The clocks of the parts that the law of the clock was found on, with some room, GHz.
    private static let clocks = 1.6...3.8

    /// The medians over the families of ``CPUFamily/published``.
    package static let generic = (designWattsPerThread: 3.11, machineIdleShare: 0.2275)

    /// The power of `threads` hardware threads, each busy for `utilization` (0 to 1) of the time on average. What lies
    /// outside counts as the nearest end, and what is not a number as 0.
    ///
    /// Threads, not packages: those of a virtual machine are part of a bigger host, and get their part of its packages.
    package func watts(threads: Int, utilization: Double) -> Watts {
        let dynamic = interpolate(curve, at: utilization) * (maximumWattsPerThread - idleWattsPerThread)
        return Watts(Double(max(threads, 0)) * (idleWattsPerThread + dynamic))
    }

    /// The band around ``watts(threads:utilization:)``. How deep a package sleeps depends on settings that no name
    /// tells: the band is wider at rest.
    package func band(threads: Int, utilization: Double) -> ClosedRange<Watts> {
        let power = watts(threads: threads, utilization: utilization)
        let load = utilization > 0 ? min(utilization, 1) : 0
        let spread = spread * (1 + Self.restlessness * (1 - load))
        return power * (1 / spread)...power * spread
    }

    /// C-state settings alone double the idle power of a machine.
    private static let restlessness = 0.25

    /// The share of the span between idle and maximum power that is drawn at `utilization` (0 to 1): concave, for the
    /// first busy threads wake what all share.
    package static func dynamicFraction(at utilization: Double) -> Double {
        interpolate(Calibration.bareMetal.curve, at: utilization)
    }
}

/// The value at `position` (0 to 1) of a curve given at equal distances, linear between them; its ends beyond, its
/// beginning for what is not a number.
func interpolate(_ curve: [Double], at position: Double) -> Double {
    guard curve.count > 1, position > 0 else { return curve.first ?? 0 }
    let place = min(position, 1) * Double(curve.count - 1)
    let index = min(Int(place), curve.count - 2)
    return curve[index] + (curve[index + 1] - curve[index]) * (place - Double(index))
}

import Attribution
import Units

/// Measured package and DRAM watts of machines under known load.
struct LoadCurve {
    struct Row {
        let stressor: String
        /// 0...1.
        let load: Double
        let packageWatts: Double
        /// nil where it was not measured.
        let dramWatts: Double?
    }

    let machine: String
    let cpu: CPUModel
    let threads: Int
    /// 10^9 bytes.
    let memoryGigabytes: Double?
    var rows: [Row]

    /// Memory of AWS' bare-metal instances, GiB (https://aws.amazon.com/ec2/instance-types, 2021), where the file has
    /// no column `memory_gib`: an agent reads it from /proc/meminfo.
    private static let memory: [String: Double] = [
        "c5.metal": 192, "c5n.metal": 192, "i3.metal": 512, "i3en.metal": 768, "m5.metal": 384, "m5zn.metal": 192,
        "r5.metal": 768, "z1d.metal": 384,
    ]

    /// Reads `machine,cpu_model,logical_cpus,stressor,load_percent,package_watts,dram_watts`.
    static func all(in path: String) throws(Failure) -> [LoadCurve] {
        var curves: [String: LoadCurve] = [:]
        for line in try Table(path: path).lines {
            let machine = try line.text("machine")
            let key = "\(machine) \(try line.text("cpu_model"))"
            if curves[key] == nil {
                curves[key] = LoadCurve(
                    machine: machine,
                    cpu: CPUModel(vendor: "", family: 0, model: 0, stepping: 0, name: try line.text("cpu_model")),
                    threads: Int(try line.number("logical_cpus")),
                    memoryGigabytes: ((try? line.number("memory_gib")) ?? Self.memory[machine]).map {
                        $0 * 1.073741824
                    },
                    rows: [])
            }
            curves[key]?.rows.append(
                Row(
                    stressor: try line.text("stressor"), load: try line.number("load_percent") / 100,
                    packageWatts: try line.number("package_watts"), dramWatts: try? line.number("dram_watts")))
        }
        guard !curves.isEmpty else { throw Failure("\(path): no rows") }
        return curves.values.sorted { $0.machine < $1.machine }
    }

    /// The package's watts at rest and at full load of the stepped stress; nil without such rows.
    private var ends: (idle: Double, full: Double)? {
        let stepped = stepped
        guard let idle = stepped.first, let full = stepped.last, idle.load == 0, full.load == 1 else { return nil }
        return (idle.packageWatts, full.packageWatts)
    }

    /// The rows of the stressor that was stepped, by load.
    private var stepped: [Row] {
        let counts = Dictionary(grouping: rows, by: \.stressor)
        return (counts.values.max { $0.count < $1.count } ?? []).sorted { $0.load < $1.load }
    }

    /// The calibration that these machines would have given.
    static func calibration(from curves: [LoadCurve]) -> CPUPowerProfile.Calibration? {
        var sums = (idle: 0.0, full: 0.0, designs: 0.0, clock: 0.0, clocks: 0.0, turbo: 0.0, turbos: 0.0, count: 0.0)
        var curve = [Double](repeating: 0, count: 11)
        for machine in curves {
            guard let ends = machine.ends, machine.stepped.count == 11 else { continue }
            let threads = Double(machine.threads)
            if let design = CPUDesignPower.wattsPerThread(named: machine.cpu.name) {
                sums.idle += ends.idle / threads / design
                sums.full += ends.full / threads / design
                sums.designs += 1
            }
            if let turbo = CPUTurbo.allCoreGigahertz(named: machine.cpu.name) {
                sums.turbo += ends.full / threads / (turbo * turbo)
                sums.turbos += 1
            }
            sums.count += 1
            for (index, row) in machine.stepped.enumerated() {
                curve[index] += (row.packageWatts - ends.idle) / (ends.full - ends.idle)
            }
            guard let clock = machine.cpu.nominalGigahertz else { continue }
            sums.clock += ends.full / threads / (clock * clock)
            sums.clocks += 1
        }
        guard sums.designs > 0, sums.clocks > 0, sums.turbos > 0 else { return nil }
        return CPUPowerProfile.Calibration(
            idlePerDesignWatt: sums.idle / sums.designs, fullPerDesignWatt: sums.full / sums.designs,
            fullPerSquareGigahertz: sums.clock / sums.clocks, fullPerSquareTurbo: sums.turbo / sums.turbos,
            curve: curve.map { $0 / sums.count })
    }
}

/// How far an estimate is from what was measured.
struct EstimateScore {
    var errors: [Double] = []
    var inside = 0

    var mean: Double { errors.isEmpty ? 0 : errors.reduce(0, +) / Double(errors.count) }
    var worst: Double { errors.max() ?? 0 }
    var insideBand: Double { errors.isEmpty ? 0 : Double(inside) / Double(errors.count) }

    mutating func add(_ estimate: Watts, _ band: ClosedRange<Watts>, measured: Double) {
        errors.append(abs(estimate.value - measured) / measured)
        inside += band.contains(Watts(measured)) ? 1 : 0
    }

    /// The package of `curve` from the name of its CPU, its threads and its load alone, as an agent estimates it.
    static func package(_ curve: LoadCurve) -> EstimateScore {
        package(curve, CPUPowerProfile(for: curve.cpu))
    }

    /// The same as if this CPU had never been measured.
    static func unseenPackage(_ curve: LoadCurve, calibration: CPUPowerProfile.Calibration) -> EstimateScore {
        package(curve, CPUPowerProfile(for: curve.cpu, measured: nil, calibration: calibration))
    }

    private static func package(_ curve: LoadCurve, _ profile: CPUPowerProfile) -> EstimateScore {
        var score = EstimateScore()
        for row in curve.rows where row.packageWatts > 0 {
            score.add(
                profile.watts(threads: curve.threads, utilization: row.load),
                profile.band(threads: curve.threads, utilization: row.load), measured: row.packageWatts)
        }
        return score
    }

    /// Its memory, from the name of the CPU, size and load; or as if this CPU had never been measured.
    static func memory(_ curve: LoadCurve, isSeen: Bool = true) -> EstimateScore {
        var score = EstimateScore()
        guard let gigabytes = curve.memoryGigabytes else { return score }
        let memory = MemoryPower(beside: isSeen ? .named(curve.cpu.name) : nil)
        for row in curve.rows {
            guard let measured = row.dramWatts, measured > 0 else { continue }
            score.add(
                memory.watts(gigabytes: gigabytes, utilization: row.load),
                memory.band(gigabytes: gigabytes, utilization: row.load), measured: measured)
        }
        return score
    }

    /// The smallest worst error of any estimate that knows only machine and load: where `a` and `b` were
    /// measured under one load, the best single figure is `2ab / (a + b)`, and `(b - a) / (a + b)` off both.
    static func leastWorst(_ rows: [LoadCurve.Row], _ watts: (LoadCurve.Row) -> Double?) -> Double {
        let byLoad = Dictionary(grouping: rows, by: \.load)
        return byLoad.values.reduce(0) { worst, rows in
            let measured = rows.compactMap(watts).filter { $0 > 0 }
            guard let low = measured.min(), let high = measured.max() else { return worst }
            return max(worst, (high - low) / (high + low))
        }
    }
}

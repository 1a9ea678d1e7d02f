import Attribution
import TestSupport
import Units

/// Adds the recordings of two workloads up and compares what an attributor makes of the sum with what each drew.
struct Colocation {
    /// Misplaced share of the dynamic energy over all pairs.
    struct Score {
        var errors: [Double] = []
        var mean: Double { errors.isEmpty ? 0 : errors.reduce(0, +) / Double(errors.count) }
        var worst: Double { errors.max() ?? 0 }
    }

    /// What the agent sees before and while it is judged.
    enum History: CaseIterable {
        /// One agent, all pairs one after the other, in several orders: what a node sees in its life.
        case life
        /// One agent, and every pair gets a piece of each recording that no other pair gets: nothing is seen twice.
        case pieces
        /// A new agent for every pair, which has never seen anything else.
        case fresh
    }

    let machine: Machine
    /// False: the agent has CPU time only.
    var countsHardware = true
    /// False: the agent has to find out what the machine draws at rest.
    var knowsIdle = true

    private static let zone = Zone(ZoneID(.package), source: "trace", quality: .measured)
    /// The first is the alphabetical one.
    private static let orders = 5

    func score(_ method: AttributionMethod, _ history: History) -> Score {
        var score = Score()
        let learns = method == .automatic || !knowsIdle
        for order in 0..<(history == .fresh || !learns ? 1 : Self.orders) {
            var generator = SeededGenerator(seed: UInt64(order))
            let pairs = order == 0 ? pairs : pairs.shuffled(using: &generator)
            var agent = attributor(method)
            var begin = [Int](repeating: 0, count: machine.traces.count)
            for (a, b) in pairs {
                if history == .fresh { agent = attributor(method) }
                var lengths = (machine.traces[a].rows.count, machine.traces[b].rows.count)
                if history == .pieces {
                    let others = machine.traces.count - 1
                    lengths = (lengths.0 / others, lengths.1 / others)
                }
                let length = min(lengths.0, lengths.1)
                score.errors.append(misplaced(a, b, from: (begin[a], begin[b]), length: length, by: &agent))
                guard history == .pieces else { continue }
                begin[a] += lengths.0
                begin[b] += lengths.1
            }
        }
        return score
    }

    /// The same with a regression that was shown every workload alone first: no node can have that. `common`: with one
    /// set of coefficients for all of them.
    func oracle(common: Bool) -> Score {
        var regression = PowerRegression()
        for _ in 0..<2 {
            for (index, trace) in machine.traces.enumerated() {
                for row in trace.rows.indices {
                    let usage = trace.usage(at: row, id: common ? 0 : UInt64(index))
                    _ = regression.learn(
                        UsageWindow(duration: Seconds(Trace.step), utilization: 0, usage: [usage]),
                        power: trace.rows[row].watts, staticPower: machine.idleWatts, isKnown: true)
                }
            }
        }
        var score = Score()
        for (a, b) in pairs {
            let traces = (machine.traces[a], machine.traces[b])
            var (given, truth, total) = (0.0, 0.0, 0.0)
            for row in 0..<min(traces.0.rows.count, traces.1.rows.count) {
                let (x, y) = (
                    traces.0.usage(at: row, id: common ? 0 : UInt64(a)),
                    traces.1.usage(at: row, id: common ? 0 : UInt64(b))
                )
                let watts = (regression.power(of: x.id, features(x)), regression.power(of: y.id, features(y)))
                let both = traces.0.rows[row].watts + traces.1.rows[row].watts - 2 * machine.idleWatts
                let sum = watts.0 + watts.1
                given += sum > 0 ? both * watts.0 / sum : both / 2
                truth += traces.0.rows[row].watts - machine.idleWatts
                total += both
            }
            score.errors.append(abs(given - truth) / total)
        }
        return score
    }

    private func features(_ usage: WorkloadUsage) -> PowerFeatures {
        PowerFeatures(usage, seconds: Trace.step, means: CounterMeans())
    }

    private var pairs: [(Int, Int)] {
        machine.traces.indices.flatMap { a in machine.traces.indices.filter { $0 > a }.map { (a, $0) } }
    }

    /// The idle power is given by the benchmark's definition; where it is not, servers idle at a quarter of full power.
    private func attributor(_ method: AttributionMethod) -> ZoneAttributor {
        ZoneAttributor(prior: IdlePrior(share: 0.25), method: method)
    }

    /// Shows `agent` two recordings at once; returns the share of their dynamic energy that it charged to
    /// the wrong one.
    private func misplaced(
        _ a: Int, _ b: Int, from begin: (Int, Int), length: Int, by agent: inout ZoneAttributor
    ) -> Double {
        var given = (0.0, 0.0)
        var truth = (0.0, 0.0)
        var shares: [UInt64] = []
        var staticShares: [UInt64] = []
        for offset in 0..<length {
            let rows = (machine.traces[a].rows[begin.0 + offset], machine.traces[b].rows[begin.1 + offset])
            let dynamic = (rows.0.watts - machine.idleWatts, rows.1.watts - machine.idleWatts)
            let node = machine.idleWatts + dynamic.0 + dynamic.1
            let reading = ZoneReading(
                zone: Self.zone, energy: Microjoules(joules: node * Trace.step),
                staticPower: knowsIdle ? Watts(machine.idleWatts) : nil)
            let activities = [
                machine.traces[a].usage(at: begin.0 + offset, id: UInt64(a), countsHardware: countsHardware),
                machine.traces[b].usage(at: begin.1 + offset, id: UInt64(b), countsHardware: countsHardware),
            ]
            _ = agent.attribute(
                reading,
                window: UsageWindow(
                    duration: Seconds(Trace.step),
                    utilization: (rows.0.busyCPUs + rows.1.busyCPUs) / machine.cpuCount, usage: activities),
                into: &shares, staticShares: &staticShares)
            given = (given.0 + Double(shares[0]), given.1 + Double(shares[1]))
            truth = (truth.0 + dynamic.0, truth.1 + dynamic.1)
        }
        let (handedOut, total) = (given.0 + given.1, truth.0 + truth.1)
        // By shares: `ratio` also hands out what the others call idle, which is another question.
        return handedOut > 0 && total > 0 ? abs(given.0 / handedOut - truth.0 / total) : 1
    }
}

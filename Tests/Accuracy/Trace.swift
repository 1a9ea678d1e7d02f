import Attribution
import Linux

/// One workload alone on a machine, as recorded.
struct Trace {
    struct Row {
        let watts: Double
        let busyCPUs: Double
        let cycles: Double
        let instructions: Double
        let cacheMisses: Double
    }

    /// Distance of the rows, s.
    static let step = 2.0

    let name: String
    let rows: [Row]

    /// Reads `time_s,node_watts,busy_cpus,cycles,instructions,llc_load_misses,...`, rates per second. Rows that are
    /// no numbers are an error: a benchmark must not silently lose data.
    init(name: String, path: String) throws(Failure) {
        let table = try Table(path: path)
        self.name = name
        var rows: [Row] = []
        for line in table.lines {
            rows.append(
                Row(
                    watts: try line.number("node_watts"), busyCPUs: try line.number("busy_cpus"),
                    cycles: try line.number("cycles"), instructions: try line.number("instructions"),
                    cacheMisses: try line.number("llc_load_misses")))
        }
        guard !rows.isEmpty else { throw Failure("\(path): no rows") }
        self.rows = rows
    }

    /// What an agent would see of one row.
    func usage(at index: Int, id: UInt64, countsHardware: Bool = true) -> WorkloadUsage {
        let row = rows[index]
        func count(_ rate: Double) -> UInt64 { UInt64(max(0, min(rate * Self.step, 1e18))) }
        guard countsHardware else { return WorkloadUsage(id: id, cpuNanoseconds: count(row.busyCPUs * 1e9)) }
        return WorkloadUsage(
            id: id, cpuNanoseconds: count(row.busyCPUs * 1e9), cycles: count(row.cycles),
            instructions: count(row.instructions), cacheMisses: count(row.cacheMisses))
    }
}

/// All recordings of one machine.
struct Machine {
    let name: String
    let traces: [Trace]
    /// The 0.5 % quantile of all its watts: what it draws when nothing runs, by the benchmark's definition.
    let idleWatts: Double
    /// Not part of the format: the most that were ever busy.
    let cpuCount: Double

    init(name: String, directory: String) throws(Failure) {
        self.name = name
        var traces: [Trace] = []
        for file in try names(in: directory) where file.hasSuffix(".csv") {
            traces.append(try Trace(name: String(file.dropLast(4)), path: "\(directory)/\(file)"))
        }
        guard traces.count >= 2 else { throw Failure("\(directory): fewer than two workloads") }
        self.traces = traces
        let watts = traces.flatMap { $0.rows.map(\.watts) }.sorted()
        idleWatts = quantile(watts, 0.005)
        cpuCount = traces.flatMap { $0.rows.map(\.busyCPUs) }.max()?.rounded(.up) ?? 1
    }

    static func all(in directory: String) throws(Failure) -> [Machine] {
        var machines: [Machine] = []
        for name in try names(in: directory) {
            guard let files = try? listDirectory("\(directory)/\(name)"),
                files.contains(where: { $0.name.hasSuffix(".csv") })
            else { continue }
            machines.append(try Machine(name: name, directory: "\(directory)/\(name)"))
        }
        guard !machines.isEmpty else { throw Failure("\(directory): no machine with traces (MACHINE/WORKLOAD.csv)") }
        return machines
    }
}

/// Linear between the neighbours, as numpy does. `sorted` is not empty.
func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let position = share * Double(sorted.count - 1)
    let index = min(Int(position), sorted.count - 1)
    let next = min(index + 1, sorted.count - 1)
    return sorted[index] + (sorted[next] - sorted[index]) * (position - Double(index))
}

private func names(in directory: String) throws(Failure) -> [String] {
    do {
        return try listDirectory(directory).map(\.name).sorted()
    } catch {
        throw Failure("\(error)")
    }
}

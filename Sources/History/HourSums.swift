/// What everything used in some periods, by the numbers of workloads, zones and factors in the store: how minutes become
/// an hour.
struct HourSums: Equatable {
    struct Usage: Equatable {
        var cpuMicroseconds: Int64 = 0
        var emissionsMicrograms: Int64?
        var costNanos: Int64?
        /// By zone, uJ.
        var energy: [Int64: HistoryEnergy] = [:]

        var microjoules: Int64 { energy.values.reduce(0) { $0.adding($1.sum) } }

        static func += (a: inout Self, b: Self) {
            a.cpuMicroseconds = a.cpuMicroseconds.adding(b.cpuMicroseconds)
            if let more = b.emissionsMicrograms { a.emissionsMicrograms = (a.emissionsMicrograms ?? 0).adding(more) }
            if let more = b.costNanos { a.costNanos = (a.costNanos ?? 0).adding(more) }
            for (zone, energy) in b.energy { a.energy[zone, default: HistoryEnergy()] += energy }
        }
    }

    /// Measured, s.
    var seconds = 0.0
    /// By workload as it lasts.
    var usage: [Int64: Usage] = [:]
    /// Energy of the node by factors, uJ.
    var applied: [Int64: Int64] = [:]

    /// - Parameter periods: their numbers.
    init(of periods: [Int64], in database: SQLiteDatabase) throws(SQLiteError) {
        for period in periods { try add(period, in: database) }
    }

    private mutating func add(_ period: Int64, in database: SQLiteDatabase) throws(SQLiteError) {
        func rows(
            _ sql: String, _ take: (SQLiteStatement) throws(SQLiteError) -> Void
        ) throws(SQLiteError) {
            let statement = try database.statement(sql)
            try statement.bind([.integer(period)])
            defer { statement.reset() }
            while try statement.step() { try take(statement) }
        }
        try rows("SELECT seconds FROM period WHERE id = ?") { seconds += $0.real(0) }
        try rows(
            """
            SELECT ifnull(w.lasting, w.id), u.cpu_us, u.emissions_ug, u.cost_n
            FROM usage u JOIN workload w ON w.id = u.workload WHERE u.period = ?
            """
        ) {
            var used = Usage()
            used.cpuMicroseconds = $0.integer(1)
            (used.emissionsMicrograms, used.costNanos) = ($0.optionalInteger(2), $0.optionalInteger(3))
            usage[$0.integer(0), default: Usage()] += used
        }
        try rows(
            """
            SELECT ifnull(w.lasting, w.id), e.zone, e.dynamic_uj, e.static_uj
            FROM energy e JOIN workload w ON w.id = e.workload WHERE e.period = ?
            """
        ) {
            usage[$0.integer(0), default: Usage()].energy[$0.integer(1), default: HistoryEnergy()] += HistoryEnergy(
                dynamic: $0.integer(2), static: $0.integer(3))
        }
        try rows("SELECT factors, node_uj FROM applied WHERE period = ?") {
            let factors = $0.integer(0)
            applied[factors] = (applied[factors] ?? 0).adding($0.integer(1))
        }
    }

    /// Those of `candidates` that are not among the `most` greatest, by energy and then CPU time.
    func smallest(of candidates: [Int64], beyond most: Int) -> [Int64] {
        let order = candidates.map { id in
            let used = usage[id] ?? Usage()
            return (id: id, key: (-used.microjoules, -used.cpuMicroseconds, id))
        }
        return order.sorted { $0.key < $1.key }.dropFirst(most).map(\.id)
    }

    /// Adds up some workloads in another one: all sums stay the same.
    mutating func fold(_ workloads: [Int64], into other: Int64) {
        for id in workloads where id != other {
            guard let used = usage.removeValue(forKey: id) else { continue }
            usage[other, default: Usage()] += used
        }
    }

    /// Stores them as those of a period.
    func write(as period: Int64, in database: SQLiteDatabase) throws(SQLiteError) {
        for (workload, used) in usage {
            try database.run(
                "INSERT INTO usage (period, workload, cpu_us, emissions_ug, cost_n) VALUES (?, ?, ?, ?, ?)",
                .integer(period), .integer(workload), .integer(used.cpuMicroseconds),
                .integer(used.emissionsMicrograms), .integer(used.costNanos))
            for (zone, energy) in used.energy {
                try database.run(
                    "INSERT INTO energy (period, workload, zone, dynamic_uj, static_uj) VALUES (?, ?, ?, ?, ?)",
                    .integer(period), .integer(workload), .integer(zone), .integer(energy.dynamic),
                    .integer(energy.static))
            }
        }
        for (factors, energy) in applied {
            try database.run(
                "INSERT INTO applied (period, factors, node_uj) VALUES (?, ?, ?)", .integer(period),
                .integer(factors), .integer(energy))
        }
    }
}

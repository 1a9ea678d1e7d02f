internal import Formatting

/// The hashes of the hours: each covers everything that its hour holds, names included, and the hash of the one before. A
/// figure that is changed afterwards, or an hour that is taken out, breaks the chain.
enum HistoryChain {
    /// What stands before the first hour.
    static let beginning = [UInt8](repeating: 0, count: 32)

    /// The hash of the last hour before a period.
    static func head(of database: SQLiteDatabase, before period: Int64) throws(SQLiteError) -> [UInt8] {
        let statement = try database.statement(
            "SELECT hash FROM period WHERE length = ? AND id < ? AND hash IS NOT NULL ORDER BY id DESC LIMIT 1")
        try statement.bind([.integer(HistorySchema.hour), .integer(period)])
        defer { statement.reset() }
        return try statement.step() ? statement.bytes(0) : beginning
    }

    /// SHA-256 of the previous hash and the hour as lines of text, fields separated by tabs.
    static func hash(
        of hour: Int64, after previous: [UInt8], in database: SQLiteDatabase
    ) throws(SQLiteError) -> [UInt8] {
        var hash = SHA256()
        hash.update(previous)
        for sql in parts {
            let statement = try database.statement(sql.text)
            try statement.bind([.integer(hour)])
            defer { statement.reset() }
            while try statement.step() {
                for column in 0..<sql.columns {
                    let text = statement.text(column)
                    // The length goes first: no text can pass for two.
                    hash.update("\(text.utf8.count):".utf8)
                    hash.update(text.utf8)
                }
                hash.update("\n".utf8)
            }
            hash.update("\n".utf8)
        }
        return hash.finish()
    }

    /// Real numbers as integers: the text of a real number may differ between versions of SQLite.
    private static let parts: [(text: String, columns: Int32)] = [
        ("SELECT id, start, CAST(round(seconds * 1000) AS INTEGER) FROM period WHERE id = ?", 3),
        (
            """
            SELECT CAST(round(f.intensity * 1e6) AS INTEGER), CAST(round(f.pue * 1e6) AS INTEGER), f.source, f.type,
                f.scope, f.quality, ifnull(CAST(round(f.price * 1e6) AS INTEGER), ''), f.currency, a.node_uj
            FROM applied a JOIN factors f ON f.id = a.factors WHERE a.period = ?
            ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
            """, 9
        ),
        (
            """
            SELECT w.kind, w.namespace, w.owner_kind, w.owner_name, w.pod, w.container, w.path, w.labels, u.cpu_us,
                ifnull(u.emissions_ug, ''), ifnull(u.cost_n, '')
            FROM usage u JOIN workload w ON w.id = u.workload WHERE u.period = ?
            ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
            """, 11
        ),
        (
            """
            SELECT w.kind, w.namespace, w.owner_kind, w.owner_name, w.pod, w.container, w.path, w.labels, z.name,
                z.source, z.quality, z.dynamic_quality, z.hardware, e.dynamic_uj, e.static_uj
            FROM energy e JOIN workload w ON w.id = e.workload JOIN zone z ON z.id = e.zone WHERE e.period = ?
            ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
            """, 15
        ),
    ]
}

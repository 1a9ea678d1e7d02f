import TestSupport
import Testing

@testable import History

/// Files that somebody else made, to be read with `--file`.
@Suite struct ForeignFileTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/history.db" }

    init() throws {
        directory = try TemporaryDirectory()
        let store = try HistoryStore(HistorySettings(path: path))
        var usage = HistoryUsage(zones: 1)
        usage.energy[0].dynamic = 5
        var unit = HistoryWorkload(kind: "unit")
        unit.path = "/a.service"
        let period = HistoryPeriod(
            start: 7200, seconds: 60, zones: [HistoryZone(name: "z", source: "rapl", quality: "measured")],
            factors: HistoryFactors(gramsPerKilowattHour: 1, pue: 1, source: "t"), usage: [unit: usage])
        try store.append(HistoryRecorder.Minute(period: period, mark: nil))
    }

    private func change(_ sql: String) throws {
        try SQLiteDatabase(path: path, access: .readWrite).execute(sql)
    }

    /// What looks like a table and is none.
    @Test(arguments: [
        """
        ALTER TABLE energy RENAME TO e;
        CREATE VIEW energy AS SELECT period, workload, zone, 1000 * dynamic_uj AS dynamic_uj, static_uj FROM e
        """,
        """
        DROP TABLE zone;
        CREATE VIEW zone AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)
            SELECT id, 'z' AS name, '' AS source, '' AS quality, '' AS dynamic_quality, '' AS hardware FROM n
        """,
        """
        DROP TABLE factors;
        CREATE TABLE factors (id INTEGER PRIMARY KEY, intensity REAL, pue REAL, source TEXT, type TEXT, scope TEXT,
            quality TEXT, price REAL, currency TEXT AS (hex(zeroblob(1000000000))))
        """,
        "DROP INDEX period_start",
        "PRAGMA user_version = 1",
    ])
    func tablesThatAreNotOursAreRefused(sql: String) throws {
        try change(sql)
        let error = #expect(throws: HistoryError.self) { try HistoryReader(path: path).answer(since: 0, until: 9000) }
        #expect(error?.code == .foreign, "\(String(describing: error))")
    }

    /// What is there besides is never run.
    @Test func viewsAndTriggersBesideDoNothing() throws {
        try change(
            """
            CREATE VIEW more AS SELECT load_extension('x');
            CREATE TRIGGER t AFTER UPDATE ON period BEGIN DELETE FROM energy; END;
            CREATE TABLE notes (text)
            """)
        let reader = try HistoryReader(path: path)
        #expect(try reader.answer(since: 0, until: 9000).microjoules == 5)
        #expect(throws: SQLiteError.self) { try reader.database.execute("SELECT * FROM more") }
        #expect(throws: SQLiteError.self) { try reader.database.execute("UPDATE period SET start = 0") }
        #expect(throws: SQLiteError.self) {
            try reader.database.execute("PRAGMA writable_schema = ON; DROP TABLE zone")
        }
    }

    /// Figures and numbers that no history has end in an error, never in a trap.
    @Test(arguments: [
        "UPDATE energy SET dynamic_uj = 9223372036854775807, static_uj = 9223372036854775807",
        "UPDATE energy SET dynamic_uj = -9223372036854775808, static_uj = -1",
        "UPDATE usage SET cpu_us = 9223372036854775807, cost_n = -9223372036854775808",
        "UPDATE period SET start = 9223372036854775807", "UPDATE period SET start = -9223372036854775808",
        "UPDATE period SET seconds = 9e999", "UPDATE period SET length = 3600",
        "UPDATE energy SET zone = 9", "UPDATE usage SET workload = 9", "UPDATE applied SET factors = 9",
        "UPDATE workload SET labels = '5:a'", "UPDATE zone SET name = CAST(zeroblob(900000) AS TEXT)",
        "UPDATE factors SET intensity = 'much'", "UPDATE period SET hour = 7",
        "UPDATE usage SET cpu_us = x'00'", "DELETE FROM period", "DELETE FROM workload",
    ])
    func absurdFiguresAreNoTrap(sql: String) throws {
        try change(sql)
        let reader = try HistoryReader(path: path)
        for span in [0..<9000, Int64.min..<Int64.max, 7200..<7260] {
            _ = try? reader.answer(since: span.lowerBound, until: span.upperBound, boundaries: [0]).validated()
        }
        _ = try? reader.verify()
        _ = try? reader.span()
    }

    @Test func textsOfManyMegabytesAreRefused() throws {
        try change("UPDATE workload SET path = hex(zeroblob(1000000))")
        let error = #expect(throws: HistoryError.self) { try HistoryReader(path: path).answer(since: 0, until: 9000) }
        #expect(error?.code == .other)
    }
}

/// The tables of the store.
///
/// `period` has a row for each minute and each hour; `usage` and `energy` what workloads used in it; `applied` the factors
/// that were in force, with the node's energy under each. Hours are sums of minutes, which name theirs in `hour` and are
/// not counted beside it. Names are in dictionaries, because each is used many thousand times.
enum HistorySchema {
    /// `PRAGMA application_id`: "enrg".
    static let applicationID: Int64 = 0x656E_7267
    /// Seconds of the two kinds of periods.
    static let (minute, hour): (Int64, Int64) = (60, 3600)

    /// Statements that bring a store from each version to the next one. A released one is never changed.
    static let migrations = [
        """
        CREATE TABLE zone (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, quality TEXT NOT NULL,
            dynamic_quality TEXT NOT NULL, hardware TEXT NOT NULL,
            UNIQUE (name, source, quality, dynamic_quality, hardware));
        CREATE TABLE factors (
            id INTEGER PRIMARY KEY, intensity REAL NOT NULL, pue REAL NOT NULL, source TEXT NOT NULL,
            type TEXT NOT NULL, scope TEXT NOT NULL, quality TEXT NOT NULL, price REAL, currency TEXT NOT NULL);
        CREATE UNIQUE INDEX factors_values ON factors
            (intensity, pue, source, type, scope, quality, ifnull(price, 'none'), currency);
        CREATE TABLE workload (
            id INTEGER PRIMARY KEY, lasting INTEGER, kind TEXT NOT NULL, namespace TEXT NOT NULL,
            owner_kind TEXT NOT NULL, owner_name TEXT NOT NULL, pod TEXT NOT NULL, container TEXT NOT NULL,
            path TEXT NOT NULL, labels TEXT NOT NULL,
            UNIQUE (kind, namespace, owner_kind, owner_name, pod, container, path, labels));
        CREATE TABLE period (
            id INTEGER PRIMARY KEY AUTOINCREMENT, length INTEGER NOT NULL, start INTEGER NOT NULL, seconds REAL NOT NULL,
            hour INTEGER, previous BLOB, hash BLOB);
        CREATE INDEX period_start ON period (length, start);
        CREATE TABLE usage (
            period INTEGER NOT NULL, workload INTEGER NOT NULL, cpu_us INTEGER NOT NULL, emissions_ug INTEGER,
            cost_n INTEGER, PRIMARY KEY (period, workload)) WITHOUT ROWID;
        CREATE TABLE energy (
            period INTEGER NOT NULL, workload INTEGER NOT NULL, zone INTEGER NOT NULL, dynamic_uj INTEGER NOT NULL,
            static_uj INTEGER NOT NULL, PRIMARY KEY (period, workload, zone)) WITHOUT ROWID;
        CREATE TABLE applied (
            period INTEGER NOT NULL, factors INTEGER NOT NULL, node_uj INTEGER NOT NULL,
            PRIMARY KEY (period, factors)) WITHOUT ROWID;
        CREATE TABLE mark (zone TEXT PRIMARY KEY, epoch REAL NOT NULL, node_uj INTEGER NOT NULL);
        CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
        """,
        // 1 where a user who is not root chose the name.
        "ALTER TABLE workload ADD COLUMN user_made INTEGER NOT NULL DEFAULT 0;",
    ]

    /// Brings the store to the present version. Throws a ``HistoryError`` for one of a later version, which is not touched.
    static func migrate(_ database: SQLiteDatabase) throws {
        let version = Int(try database.integer("PRAGMA user_version") ?? 0)
        try check(database, version: version)
        try apply(version..<migrations.count, to: database)
    }

    private static func apply(_ versions: Range<Int>, to database: SQLiteDatabase) throws {
        for index in versions {
            let statements = migrations[index]
            try database.transaction { () throws(SQLiteError) in
                try database.execute(statements)
                try database.execute(
                    "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(index + 1)")
            }
        }
    }

    /// Throws a ``HistoryError`` where a table or index is missing, or is another thing of its name: a view in place of a
    /// table would have figures made up as they are read. What is there besides is never read.
    static func checkTables(of database: SQLiteDatabase, version: Int) throws {
        let model = try SQLiteDatabase(path: ":memory:", access: .readWrite)
        try apply(0..<version, to: model)
        let expected = try model.statement("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        let search = try database.statement(
            "SELECT count(*) FROM sqlite_schema WHERE type = ? AND name = ? AND tbl_name = ? AND sql = ?")
        while try expected.step() {
            try search.bind((0..<4).map { .text(expected.text($0)) })
            guard try search.step(), search.integer(0) == 1 else { throw HistoryError.changedTables }
            search.reset()
        }
    }

    /// Throws a ``HistoryError`` where this program cannot read the store.
    static func check(_ database: SQLiteDatabase, version: Int) throws {
        let owner = try database.integer("PRAGMA application_id") ?? 0
        let isEmpty = try database.integer("SELECT count(*) FROM sqlite_schema") == 0
        guard owner == applicationID || (isEmpty && version == 0) else { throw HistoryError.foreign }
        guard version <= migrations.count else {
            throw HistoryError.newer(version: version, known: migrations.count)
        }
    }
}

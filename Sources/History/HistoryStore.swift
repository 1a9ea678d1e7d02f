internal import Glibc

/// The file with what was used, minute by minute, as the agent writes it. Belongs to one thread at a time.
///
/// SQLite in its write-ahead mode: readers never block the writer, and however the agent ends, the file holds every
/// minute that was written. Each minute is one transaction.
package final class HistoryStore {
    let database: SQLiteDatabase
    let settings: HistorySettings
    var dictionary = HistoryDictionary()
    /// Why no room could be made after the last minute; nil where it could.
    package private(set) var roomFailure: SQLiteError?
    /// Workloads of hours that were added up in ``HistoryWorkload/otherOfUsers``, since the store was opened.
    package internal(set) var foldedWorkloads: UInt64 = 0
    /// Since names were last gone through.
    var droppedPeriods = 0

    /// Beyond its budget the file has room for what is written before older periods go, in pages of 4 KiB.
    private static let sparePages: Int64 = 4096

    /// Opens the store, or makes it, and brings it to the present version. Throws a ``HistoryError``.
    package convenience init(_ settings: HistorySettings) throws(HistoryError) {
        try self.init(settings, pause: { _ = usleep(UInt32($0) * 1000) })
    }

    /// - Parameter pause: waits so many milliseconds for others that hold the file.
    init(_ settings: HistorySettings, pause: @escaping (Int32) -> Void) throws(HistoryError) {
        self.settings = settings
        do {
            try HistoryFile.prepare(settings.path)
            database = try SQLiteDatabase(path: HistoryFile.resolved(settings.path), access: .readWrite, pause: pause)
            // Before anything is written: another program's file is left as it is.
            try HistorySchema.check(database, version: Int(try database.integer("PRAGMA user_version") ?? 0))
            try database.execute(
                """
                PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
                PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 4194304;
                PRAGMA wal_autocheckpoint = 512; PRAGMA max_page_count = \(settings.bytes / 4096 + Self.sparePages)
                """)
            try HistorySchema.migrate(database)
        } catch let error as SQLiteError {
            throw HistoryError(error)
        } catch let error as HistoryError {
            throw error
        } catch {
            throw HistoryError(.other, "\(error)")
        }
    }

    /// Puts a damaged store aside as `PATH.damaged`, in the place of an earlier one, so that a new one can begin.
    package static func setAside(_ settings: HistorySettings) {
        HistoryFile.setAside(settings.path)
    }

    /// Up to where an earlier run has recorded; nil where there is nothing.
    package func mark() throws(SQLiteError) -> HistoryRecorder.Mark? {
        let rows = try database.statement("SELECT zone, epoch, node_uj FROM mark")
        defer { rows.reset() }
        var mark: HistoryRecorder.Mark?
        while try rows.step() {
            if mark == nil { mark = HistoryRecorder.Mark(epoch: rows.real(1), zones: [:]) }
            mark?.zones[rows.text(0)] = rows.integer(2)
        }
        return mark
    }

    /// Stores a minute; hours that have ended with it are summed up and sealed, and what is too old or too much goes.
    /// All of that, or nothing.
    package func append(_ minute: HistoryRecorder.Minute) throws(SQLiteError) {
        do throws(SQLiteError) {
            try database.transaction { () throws(SQLiteError) in
                var period = minute.period
                if let beginning = minute.beginning, let mark = try mark(), mark.epoch == beginning.epoch {
                    period.addUnrecorded(after: mark.zones, until: beginning.zones)
                }
                if !period.isEmpty { try write(period) }
                if let mark = minute.mark { try write(mark) }
                if try seal(before: minute.period.start) > 0 { try prune(at: minute.period.start) }
            }
        } catch {
            // Numbers of rows that are not there now.
            dictionary.forget()
            throw error
        }
        // The minute is stored, whatever becomes of this.
        do throws(SQLiteError) {
            try reclaim()
            try shortenLog()
            roomFailure = nil
        } catch {
            dictionary.forget()
            roomFailure = error
        }
    }

    private func write(_ period: HistoryPeriod) throws(SQLiteError) {
        try database.run(
            "INSERT INTO period (length, start, seconds) VALUES (?, ?, ?)", .integer(HistorySchema.minute),
            .integer(period.start), .real(period.seconds))
        let id = database.lastRow
        var zones: [Int64] = []
        for zone in period.zones { zones.append(try dictionary.id(of: zone, in: database)) }
        let factors = try dictionary.id(of: period.factors, in: database)
        try database.run(
            "INSERT INTO applied (period, factors, node_uj) VALUES (?, ?, ?)", .integer(id), .integer(factors),
            .integer(period.microjoules))
        for (workload, usage) in period.usage {
            let number = try dictionary.id(
                of: workload, isUserMade: period.userMade.contains(workload), in: database)
            try database.run(
                "INSERT INTO usage (period, workload, cpu_us, emissions_ug, cost_n) VALUES (?, ?, ?, ?, ?)",
                .integer(id),
                .integer(number), .integer(usage.cpuMicroseconds), .integer(usage.emissionsMicrograms),
                .integer(usage.costNanos))
            for (zone, energy) in zip(zones, usage.energy) where !energy.isZero {
                try database.run(
                    "INSERT INTO energy (period, workload, zone, dynamic_uj, static_uj) VALUES (?, ?, ?, ?, ?)",
                    .integer(id), .integer(number), .integer(zone), .integer(energy.dynamic), .integer(energy.static))
            }
        }
    }

    private func write(_ mark: HistoryRecorder.Mark) throws(SQLiteError) {
        try database.run("DELETE FROM mark")
        for (zone, energy) in mark.zones {
            try database.run(
                "INSERT INTO mark (zone, epoch, node_uj) VALUES (?, ?, ?)", .text(zone), .real(mark.epoch),
                .integer(energy))
        }
    }
}

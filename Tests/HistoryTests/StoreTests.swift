import Glibc
import TestSupport
import Testing

@testable import History

@Suite struct StoreTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/history.db" }
    /// 2026-01-02 03:00:00 UTC.
    private static let start: Int64 = 1_767_322_800

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func settings(bytes: Int64 = 64 << 20) -> HistorySettings { HistorySettings(path: path, bytes: bytes) }

    private func pod(_ name: String, owner: String? = "web") -> HistoryWorkload {
        var workload = HistoryWorkload(kind: "pod")
        workload.namespace = "shop"
        (workload.ownerKind, workload.ownerName) = (owner == nil ? nil : "Deployment", owner)
        workload.pod = name
        return workload
    }

    private func minute(
        _ start: Int64, _ amounts: [(HistoryWorkload, Int64)], grams: Double = 300, zones: [String] = ["package-0"]
    ) -> HistoryRecorder.Minute {
        var usage: [HistoryWorkload: HistoryUsage] = [:]
        for (workload, amount) in amounts {
            var used = HistoryUsage(zones: zones.count)
            used.energy[0] = HistoryEnergy(dynamic: amount, static: amount / 2)
            used.cpuMicroseconds = amount * 3
            used.emissionsMicrograms = amount / 4
            usage[workload] = used
        }
        let period = HistoryPeriod(
            start: start, seconds: 60,
            zones: zones.map { HistoryZone(name: $0, source: "rapl", quality: "measured", dynamicQuality: "modelled") },
            factors: HistoryFactors(gramsPerKilowattHour: grams, pue: 1.2, source: "test"), usage: usage)
        return HistoryRecorder.Minute(
            period: period, mark: HistoryRecorder.Mark(epoch: 17, zones: ["package-0": start]))
    }

    /// Three hours, in which a pod of the same owner is replaced every ten minutes.
    private func fill(_ store: HistoryStore, minutes: Range<Int64> = 0..<180) throws {
        for index in minutes {
            try store.append(
                minute(
                    Self.start + index * 60,
                    [
                        (pod("web-7d9f8b6c5d-x\(index / 10)"), 1000 + index), (HistoryWorkload(.idle), 500),
                    ], grams: index < 90 ? 300 : 400))
        }
    }

    /// Of the minutes that ``fill(_:minutes:)`` writes, uJ.
    private func energy(ofMinutes minutes: Range<Int64>) -> Int64 {
        minutes.reduce(0) { sum, minute in
            let dynamic: Int64 = 1000 + minute
            return sum + dynamic + dynamic / 2 + 750
        }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let store = try HistoryStore(settings())
        #expect(try store.mark() == nil)
        var workload = pod("web-1", owner: nil)
        workload.container = "app\u{1f}\n"
        workload.labels = ["team": "shop, \"x\""]
        try store.append(minute(Self.start, [(workload, 1001), (HistoryWorkload(.idle), 500)]))
        #expect(try store.mark() == HistoryRecorder.Mark(epoch: 17, zones: ["package-0": Self.start]))

        let answer = try HistoryReader(path: path).answer(since: Self.start, until: Self.start + 60)
        #expect(answer.rows.count == 2)
        let row = try #require(answer.rows.first { $0.workload == workload })
        #expect(row.usage.energy == [HistoryEnergy(dynamic: 1001, static: 500)])
        #expect(row.usage.cpuMicroseconds == 3003)
        #expect(row.usage.emissionsMicrograms == 250)
        #expect(answer.zones.map(\.dynamicQuality) == ["modelled"])
        #expect(answer.applied.map(\.microjoules) == [1501 + 750])
        #expect(answer.applied.first?.factors.pue == 1.2)
        #expect((answer.first, answer.last) == (Self.start, Self.start + 60))
        #expect(answer.seconds == 60)
        let empty = try HistoryReader(path: path).answer(since: Self.start + 60, until: Self.start + 120)
        #expect(empty.rows.isEmpty && empty.first == nil && empty.seconds == 0)
    }

    @Test func hoursAreSumsByWhatLasts() throws {
        let store = try HistoryStore(settings())
        try fill(store)
        let reader = try HistoryReader(path: path)
        // Two hours are sealed; the third is not over yet.
        let hours = try reader.answer(since: Self.start, until: Self.start + 7200)
        #expect(Set(hours.rows.map(\.workload.pod)) == ["web-*", nil])
        let web = try #require(hours.rows.first { $0.workload.pod == "web-*" })
        let expected = (0..<120).reduce(into: HistoryEnergy()) {
            $0 += HistoryEnergy(dynamic: 1000 + Int64($1), static: (1000 + Int64($1)) / 2)
        }
        #expect(web.usage.energy == [expected])
        #expect(hours.seconds == 7200)
        #expect(hours.applied.map(\.factors.gramsPerKilowattHour) == [300, 400])
        #expect(hours.applied.reduce(0) { $0 + $1.microjoules } == hours.microjoules)
        // Minutes know each pod.
        let minutes = try reader.answer(since: Self.start + 60, until: Self.start + 3540)
        #expect(minutes.rows.count == 6 + 1)
    }

    /// Wherever a span begins and ends, hours and minutes together are the minutes that it has.
    @Test func everySpanHasExactlyItsMinutes() throws {
        let store = try HistoryStore(settings())
        try fill(store)
        let reader = try HistoryReader(path: path)
        for (first, last) in [
            (0, 180) as (Int64, Int64), (0, 60), (1, 180), (59, 61), (60, 120), (30, 150), (119, 120), (61, 179),
        ] {
            let answer = try reader.answer(
                since: Self.start + first * 60, until: Self.start + last * 60,
                boundaries: [0, 17, 60, 100].map { Self.start + $0 * 60 })
            #expect(answer.microjoules == energy(ofMinutes: first..<last), "\(first) to \(last)")
            #expect(answer.seconds == Double(last - first) * 60)
            #expect(!answer.isWidened)
            #expect(answer.steps.reduce(0) { $0 + $1.microjoules.reduce(0, +) } == answer.microjoules)
        }
    }

    @Test func spansThatFollowEachOtherAddUp() throws {
        let store = try HistoryStore(settings())
        try fill(store)
        let reader = try HistoryReader(path: path)
        func answer(_ from: Int64, _ to: Int64) throws -> HistoryAnswer {
            try reader.answer(
                since: Self.start + from * 60, until: Self.start + to * 60,
                boundaries: [0, 90].map { Self.start + $0 * 60 })
        }
        var parts = try answer(0, 60)
        parts.append(try answer(60, 120))
        parts.append(try answer(120, 180))
        let whole = try answer(0, 180)
        #expect(parts.microjoules == whole.microjoules)
        #expect(parts.seconds == whole.seconds)
        #expect(parts.steps.map { $0.microjoules.reduce(0, +) } == whole.steps.map { $0.microjoules.reduce(0, +) })
        #expect(parts.steps.map(\.start) == whole.steps.map(\.start))
        #expect(Set(parts.applied.map(\.microjoules)) == Set(whole.applied.map(\.microjoules)))
        #expect((parts.first, parts.last) == (whole.first, whole.last))
    }

    /// A clock that is far ahead for a moment takes no hours with it.
    @Test func aClockThatIsAheadForAMomentDeletesNothing() throws {
        let store = try HistoryStore(settings())
        try fill(store)
        try fill(store, minutes: 40_000_000..<40_000_001)
        try fill(store, minutes: 180..<300)
        let answer = try HistoryReader(path: path).answer(since: Self.start, until: Self.start + 300 * 60)
        #expect(answer.microjoules == energy(ofMinutes: 0..<300))
    }

    /// Minutes go when the hour after them is sealed.
    @Test func minutesGoAfterADayAndHoursStay() throws {
        let store = try HistoryStore(settings())
        for index in 0..<Int64(60 * 50) {
            try store.append(minute(Self.start + index * 60, [(pod("web-\(index / 60)"), 1000)]))
        }
        let reader = try HistoryReader(path: path)
        #expect(try reader.database.integer("SELECT count(*) FROM period WHERE length = 60") == 25 * 60)
        #expect(
            try reader.database.integer(
                "SELECT count(*) FROM period WHERE length = 60 GROUP BY hour HAVING count(*) < 60")
                == nil)
        #expect(try reader.database.integer("SELECT count(*) FROM period WHERE length = 3600") == 49)
        let whole = try reader.answer(since: Self.start, until: Self.start + 50 * 3600)
        #expect(whole.microjoules == 3000 * 1500)
        // An hour without minutes counts whole, and the answer says so.
        let part = try reader.answer(since: Self.start + 600, until: Self.start + 1200)
        #expect(part.microjoules == 60 * 1500)
        #expect(part.isWidened)
        #expect(part.first == Self.start)
    }

    @Test func aClockThatJumpsBackSealsAnHourInParts() throws {
        let store = try HistoryStore(settings())
        let order: [Range<Int64>] = [0..<90, 30..<60, 58..<140, 5000..<5010, 135..<200]
        var sum: Int64 = 0
        for range in order {
            try fill(store, minutes: range)
            sum += energy(ofMinutes: range)
        }
        let reader = try HistoryReader(path: path)
        #expect(try reader.answer(since: Self.start - 3600, until: Self.start + 10_000 * 60).microjoules == sum)
        let verification = try reader.verify()
        #expect(verification.problems == [])
        #expect(verification.hours > 4)
    }

    // MARK: The chain

    @Test func anIntactChainVerifies() throws {
        try fill(try HistoryStore(settings()))
        let verification = try HistoryReader(path: path).verify()
        #expect(verification.problems == [])
        #expect(verification.hours == 2)
        #expect(verification.first == Self.start)
        #expect(verification.head?.count == 64)
        // The head is that of what was sealed, and of nothing else.
        try fill(try HistoryStore(settings()), minutes: 180..<185)
        #expect(try HistoryReader(path: path).verify().head != verification.head)
    }

    @Test(arguments: [
        "UPDATE energy SET dynamic_uj = dynamic_uj - 1 WHERE period = (SELECT min(id) FROM period WHERE length = 3600)",
        "UPDATE usage SET emissions_ug = 0 WHERE period = (SELECT min(id) FROM period WHERE length = 3600)",
        "UPDATE workload SET namespace = 'other' WHERE namespace = 'shop'",
        "UPDATE factors SET intensity = intensity + 1", "UPDATE zone SET quality = 'estimated'",
        "UPDATE period SET start = start + 3600 WHERE length = 3600",
        "UPDATE period SET seconds = seconds + 1 WHERE length = 3600",
        "UPDATE period SET hour = NULL WHERE id = (SELECT min(id) FROM period WHERE length = 60)",
        "UPDATE period SET hour = NULL WHERE length = 60",
        "UPDATE period SET hour = 77 WHERE id = (SELECT min(id) FROM period WHERE length = 60)",
        "DELETE FROM period WHERE id = (SELECT min(id) FROM period WHERE length = 60)",
        "UPDATE period SET start = start - 7200 WHERE id = (SELECT max(id) FROM period WHERE hour IS NULL AND length = 60)",
        "UPDATE energy SET dynamic_uj = dynamic_uj + 1 WHERE period = (SELECT max(id) FROM period WHERE length = 60)",
        "DELETE FROM period WHERE id = (SELECT min(id) + 0 FROM period WHERE length = 3600 AND id > (SELECT min(id) FROM period WHERE length = 3600))",
    ])
    func whatIsChangedAfterwardsIsFound(statement: String) throws {
        let store = try HistoryStore(settings())
        try fill(store, minutes: 0..<250)
        #expect(try HistoryReader(path: path).verify().problems == [])
        try store.database.execute(statement)
        #expect(store.database.changes > 0)
        #expect(try HistoryReader(path: path).verify().problems != [])
    }

    // MARK: Beginnings

    /// Of a run that continues the counters of another: what nobody recorded.
    private func beginning(
        epoch: Double = 17, counted: Int64, _ amounts: [(HistoryWorkload, Int64)] = []
    ) -> HistoryRecorder.Minute {
        var minute = minute(Self.start + 60, amounts)
        if amounts.isEmpty { minute.period.seconds = 0 }
        let mark = HistoryRecorder.Mark(epoch: epoch, zones: ["package-0": counted])
        (minute.mark, minute.beginning) = (mark, mark)
        return minute
    }

    @Test func whatGrewBetweenTwoRunsIsUnrecorded() throws {
        let store = try HistoryStore(settings())
        try store.append(minute(Self.start, [(pod("web-1"), 1000)]))
        let counted = Self.start + 600
        try store.append(beginning(counted: counted))
        #expect(try store.mark()?.zones == ["package-0": counted])
        let answer = try HistoryReader(path: path).answer(since: Self.start, until: Self.start + 3600)
        let row = try #require(answer.rows.first { $0.workload.part == .unrecorded })
        #expect(row.usage.energy == [HistoryEnergy(dynamic: 600)])
        #expect(answer.seconds == 60)
        // Not once more.
        try store.append(beginning(counted: counted))
        let again = try HistoryReader(path: path).answer(since: Self.start, until: Self.start + 3600)
        #expect(again.microjoules == answer.microjoules)
        #expect(try HistoryReader(path: path).verify().problems == [])
    }

    /// A store that could not be opened at first gets the first minute later, with others added to it: nothing is lost.
    @Test func aBeginningThatWaitedIsNotLost() throws {
        let store = try HistoryStore(settings())
        try store.append(minute(Self.start, [(pod("web-1"), 1000)]))
        var first = beginning(counted: Self.start + 600)
        first.period.merge(minute(Self.start + 120, [(pod("web-1"), 10)]).period)
        first.mark = HistoryRecorder.Mark(epoch: 17, zones: ["package-0": Self.start + 615])
        try store.append(first)
        let answer = try HistoryReader(path: path).answer(since: Self.start, until: Self.start + 3600)
        #expect(answer.microjoules == 1500 + 15 + 600)
    }

    @Test(arguments: [true, false]) func otherCountersLeaveNoGap(hasStore: Bool) throws {
        let store = try HistoryStore(settings())
        if hasStore { try store.append(minute(Self.start, [(pod("web-1"), 1000)])) }
        try store.append(beginning(epoch: 99, counted: 5000))
        let answer = try HistoryReader(path: path).answer(since: Self.start, until: Self.start + 3600)
        #expect(!answer.rows.contains { $0.workload.part == .unrecorded })
        #expect(try store.mark()?.epoch == 99)
    }

    // MARK: What users make

    private func cgroup(_ name: String) -> HistoryWorkload {
        var workload = HistoryWorkload(kind: "cgroup")
        workload.path = "/user.slice/" + name
        return workload
    }

    /// Of names that users chose an hour has the greatest only; the rest is added up, root's are all there.
    @Test func anHourHasTheGreatestOfWhatUsersMade() throws {
        let store = try HistoryStore(settings())
        let most = HistoryStore.mostUserMade
        var sum: Int64 = 0
        for index in 0..<Int64(61) {
            var minute = minute(
                Self.start + index * 60,
                (0..<20).map { (cgroup("u\(index)-\($0)"), index * 100 + Int64($0) + 1) }
                    + (0..<150).map { (HistoryWorkload(kind: "unit", path: "/system.slice/s\($0).service"), 1) })
            minute.period.userMade = Set(minute.period.usage.keys.filter { $0.kind == "cgroup" })
            if index < 60 { sum += minute.period.microjoules }
            try store.append(minute)
        }
        #expect(store.foldedWorkloads == UInt64(60 * 20 - most))
        let reader = try HistoryReader(path: path)
        let answer = try reader.answer(since: Self.start, until: Self.start + 3600)
        #expect(answer.microjoules == sum)
        #expect(answer.applied.map(\.microjoules) == [sum])
        let rows = answer.rows.filter { $0.workload.kind == "cgroup" }
        #expect(rows.count == most + 1)
        // The greatest are those of the last five minutes.
        let names = Set(rows.compactMap(\.workload.path))
        #expect(names.contains("/(other)"))
        #expect(names.isSuperset(of: (0..<20).map { "/user.slice/u57-\($0)" }))
        #expect(!names.contains("/user.slice/u54-19"))
        #expect(answer.rows.count { $0.workload.kind == "unit" } == 150)
        #expect(try reader.verify().problems == [])
    }

    // MARK: The log

    /// Reads the present state until the next call.
    private final class Readers {
        private let path: String
        private var reader: SQLiteDatabase?

        init(_ path: String) { self.path = path }

        /// Begins a new one, and only then ends the one before.
        func takeTurns() throws {
            let next = try SQLiteDatabase(path: path, access: .readOnly)
            try next.execute("BEGIN; SELECT count(*) FROM period")
            reader = next
        }
    }

    /// Readers that follow each other without a gap: SQLite alone would never begin the log anew.
    @Test func theLogStaysShortBesideReaders() throws {
        let readers = Readers(path)
        var pauses = 0
        let store = try HistoryStore(settings()) { _ in
            pauses += 1
            // Time passes.
            try? readers.takeTurns()
        }
        var longest: Int64 = 0
        for index in 0..<Int64(200) {
            try store.append(
                minute(Self.start + index * 60, (0..<100).map { (pod("p\(index)-\($0)", owner: nil), 10) }))
            longest = max(longest, try fileSize(path + "-wal"))
            try readers.takeTurns()
        }
        #expect(pauses > 0)
        #expect(longest < HistoryStore.longLog * 3 / 2, "\(longest) bytes")
        #expect(longest > HistoryStore.longLog / 2, "\(longest) bytes: it never was long")
    }

    // MARK: Room

    /// A year in which every pod is new every hour, in a file that is too small for it.
    @Test func aYearOfChurnStaysWithinItsBudget() throws {
        let budget: Int64 = 1 << 20
        let store = try HistoryStore(settings(bytes: budget))
        var largest: Int64 = 0
        // One minute of every third hour: hours are what fills the file.
        let hours = stride(from: 0, to: Int64(365 * 24), by: 3)
        for hour in hours {
            let workloads = (0..<3).map { index in
                var workload = HistoryWorkload(kind: "container")
                workload.namespace = "batch"
                // Without an owner nothing shows that these are all the same.
                workload.pod = "job-\(hour)-\(index)"
                workload.container = "main"
                return (workload, Int64(100 + index))
            }
            try store.append(minute(Self.start + hour * 3600, workloads))
            if hour % 60 == 0 { largest = max(largest, try fileSize()) }
        }
        // Names that nothing refers to stay until they are gone through.
        #expect(largest < budget * 3 / 2)
        #expect(try store.usedBytes() <= budget)
        let reader = try HistoryReader(path: path)
        #expect(try reader.verify().problems == [])
        let span = try #require(try reader.span())
        #expect(span.upperBound == Self.start + (365 * 24 - 3) * 3600 + 60)
        // Weeks of hours are left.
        #expect(span.upperBound - span.lowerBound > 30 * 86_400)
    }

    private func fileSize(_ path: String? = nil) throws -> Int64 {
        var status = stat()
        guard stat(path ?? self.path, &status) == 0 else { throw Failure("no file") }
        return Int64(status.st_size)
    }

    // MARK: Files that are none

    @Test func theFileIsItsOwnersAlone() throws {
        try fill(try HistoryStore(settings()), minutes: 0..<1)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func whatIsNoStoreIsLeftAlone() throws {
        let text = String(repeating: "something of another program\n", count: 100)
        try directory.write(text, to: "history.db")
        for _ in 0..<2 {
            let error = #expect(throws: HistoryError.self) { try HistoryStore(settings()) }
            #expect(error?.code == .foreign)
        }
        #expect(throws: HistoryError.self) { try HistoryReader(path: path) }
        let other = try SQLiteDatabase(path: directory.path + "/other.db", access: .readWrite)
        try other.execute("CREATE TABLE t (x)")
        let place = HistorySettings(path: directory.path + "/other.db")
        let error = #expect(throws: HistoryError.self) { try HistoryStore(place) }
        #expect(error?.code == .foreign)
        #expect(try other.integer("SELECT count(*) FROM sqlite_schema") == 1)
    }

    @Test func aLaterVersionIsLeftAlone() throws {
        try HistoryStore(settings()).database.execute("PRAGMA user_version = 99")
        let error = #expect(throws: HistoryError.self) { try HistoryStore(settings()) }
        #expect(error?.code == .newer)
        #expect(error?.description.contains("99") == true)
    }

    @Test func aMissingFileIsSaidToBeMissing() {
        let error = #expect(throws: HistoryError.self) { try HistoryReader(path: path) }
        #expect(error?.code == .missing)
    }

    /// As systemd's state directory is one, where the service has a user of its own.
    @Test func aDirectoryMayBeALink() throws {
        #expect(mkdir(directory.path + "/real", 0o700) == 0)
        #expect(symlink(directory.path + "/real", directory.path + "/link") == 0)
        let place = HistorySettings(path: directory.path + "/link/history.db")
        try fill(try HistoryStore(place), minutes: 0..<2)
        #expect(try HistoryReader(path: place.path).span() != nil)
        #expect(access(directory.path + "/real/history.db", F_OK) == 0)
    }

    @Test func aSymbolicLinkIsNotFollowed() throws {
        try directory.write("", to: "target")
        #expect(symlink(directory.path + "/target", path) == 0)
        #expect(throws: HistoryError.self) { try HistoryStore(settings()) }
    }
}

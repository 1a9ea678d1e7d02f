import Glibc
import History
import Logging
import TestSupport
import Testing

@testable import Agent

@Suite struct HistoryKeeperTests {
    private let directory: TemporaryDirectory
    /// In a directory that is not there.
    private var settings: HistorySettings { HistorySettings(path: directory.path + "/disk/store/history.db") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func minute(_ number: Int64, workloads: [String]) -> HistoryRecorder.Minute {
        var usage: [HistoryWorkload: HistoryUsage] = [:]
        for name in workloads {
            var workload = HistoryWorkload(kind: "unit")
            workload.path = "/\(name).service"
            var used = HistoryUsage(zones: 1)
            used.energy[0].dynamic = 10
            usage[workload] = used
        }
        let period = HistoryPeriod(
            start: 7200 + number * 60, seconds: 60,
            zones: [HistoryZone(name: "z", source: "rapl", quality: "measured")],
            factors: HistoryFactors(gramsPerKilowattHour: 1, pue: 1, source: "t"), usage: usage)
        return HistoryRecorder.Minute(period: period, mark: nil)
    }

    private var answer: HistoryAnswer {
        get throws { try HistoryReader(path: settings.path).answer(since: 0, until: 99_999) }
    }

    /// Of minutes that cannot be written there are only so many workloads in memory, and no energy is lost.
    @Test func whatWaitsIsBoundedByItsWorkloads() async throws {
        let keeper = try HistoryKeeper(
            settings, mostWaiting: 10, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for number in 0..<Int64(6) {
            keeper.add(minute(number, workloads: (0..<4).map { "w\(number)-\($0)" }))
        }
        await keeper.flush(within: 10)
        #expect(keeper.status.failures > 0)
        #expect(keeper.status.merged == 4)
        #expect(keeper.status.notice != nil)
        // The disk is there.
        #expect(mkdir(directory.path + "/disk", 0o700) == 0)
        await keeper.flush(within: 10)
        let answer = try answer
        #expect(answer.microjoules == 6 * 40)
        #expect(answer.seconds == 360)
        #expect(answer.rows.count == 10 + 1)
        #expect(answer.rows.contains { $0.workload.part == .unattributed })
        #expect(keeper.status.notice == nil)
    }

    /// Names that are known take no more room, however long the disk is away.
    @Test func knownNamesAreAddedUp() async throws {
        let keeper = try HistoryKeeper(
            settings, mostWaiting: 10, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for number in 0..<Int64(100) { keeper.add(minute(number, workloads: ["a", "b", "c"])) }
        #expect(mkdir(directory.path + "/disk", 0o700) == 0)
        await keeper.flush(within: 10)
        #expect(try answer.rows.map { $0.usage.energy[0].dynamic } == [1000, 1000, 1000])
    }

    /// A service is cancelled where the agent's end takes long: what it has yet to write is written nevertheless.
    @Test func whatWaitsIsWrittenInATaskThatWasCancelled() async throws {
        #expect(mkdir(directory.path + "/disk", 0o700) == 0)
        let keeper = try HistoryKeeper(settings, logger: Logger(label: "test"))
        await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            keeper.add(minute(0, workloads: ["a"]))
            await keeper.flush(within: 30)
        }.value
        #expect(try answer.microjoules == 10)
    }
}

import TestSupport
import Testing

@testable import History

/// What a question may take.
@Suite struct BoundTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/history.db" }

    init() throws {
        directory = try TemporaryDirectory()
        let store = try HistoryStore(HistorySettings(path: path))
        for minute in 0..<Int64(30) {
            var usage: [HistoryWorkload: HistoryUsage] = [:]
            for number in 0..<100 {
                var used = HistoryUsage(zones: 1)
                used.energy[0].dynamic = 7
                usage[HistoryWorkload(kind: "unit", path: "/\(number).service")] = used
            }
            let period = HistoryPeriod(
                start: 7200 + minute * 60, seconds: 60,
                zones: [HistoryZone(name: "z", source: "rapl", quality: "measured")],
                factors: HistoryFactors(gramsPerKilowattHour: 1, pue: 1, source: "t"), usage: usage)
            try store.append(HistoryRecorder.Minute(period: period, mark: nil))
        }
    }

    @Test func anAnswerHasSoManyFiguresAtMost() throws {
        let reader = try HistoryReader(path: path)
        let needed = 100 * (16 + 2 + 3)
        let boundaries: [Int64] = [7200, 7800, 8400]
        let answer = try reader.answer(since: 0, until: 9999, boundaries: boundaries, most: needed)
        #expect(answer.microjoules == 30 * 700)
        #expect(answer.steps.map(\.microjoules.count) == [100, 100, 100])
        let error = #expect(throws: HistoryError.self) {
            try reader.answer(since: 0, until: 9999, boundaries: boundaries, most: needed - 1)
        }
        #expect(error?.code == .tooLarge)
        // It can be asked again.
        #expect(try reader.answer(since: 0, until: 9999, most: needed).rows.count == 100)
    }

    @Test func aQuestionEndsWhenItsTimeIsOver() throws {
        var (asked, isOver) = (0, false)
        let reader = try HistoryReader(path: path) {
            asked += 1
            return isOver && asked > 3
        }
        #expect(try reader.answer(since: 0, until: 9999).rows.count == 100)
        #expect(asked > 0)
        (asked, isOver) = (0, true)
        let error = #expect(throws: HistoryError.self) { try reader.answer(since: 0, until: 9999) }
        #expect(error?.code == .interrupted)
        isOver = false
        #expect(try reader.answer(since: 0, until: 9999).rows.count == 100)
    }
}

extension HistoryWorkload {
    init(kind: String, path: String) {
        self.init(kind: kind)
        self.path = path
    }
}

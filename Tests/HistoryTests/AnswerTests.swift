import Testing

@testable import History

@Suite struct AnswerTests {
    private func answer(_ change: (inout HistoryAnswer) -> Void = { _ in }) -> HistoryAnswer {
        var answer = HistoryAnswer(since: 0, until: 3600)
        answer.zones = [HistoryZone(name: "z", source: "rapl", quality: "measured")]
        answer.rows = [.init(workload: HistoryWorkload(kind: "unit"), usage: HistoryUsage(zones: 1))]
        answer.rows[0].usage.energy[0].dynamic = 1 << 50
        answer.steps = [.init(start: 0, seconds: 60, microjoules: [5])]
        change(&answer)
        return answer
    }

    @Test func whatAHistoryHasIsTaken() throws {
        #expect(try answer().validated() == answer())
    }

    /// What would end the program in the middle of a sum.
    @Test func whatNoHistoryHasIsRefused() {
        let changes: [(inout HistoryAnswer) -> Void] = [
            { $0.rows[0].usage.energy = [] }, { $0.rows.append($0.rows[0]) }, { $0.steps[0].microjoules = [] },
            { $0.rows[0].usage.energy[0].dynamic = .max }, { $0.rows[0].usage.energy[0].static = .min },
            { $0.rows[0].usage.cpuMicroseconds = .min }, { $0.since = .min }, { $0.last = .max },
            { $0.seconds = .infinity }, { $0.steps[0].microjoules = [.min] }, { $0.steps[0].start = -1 },
            { answer in
                for number in 0..<200 {
                    var row = answer.rows[0]
                    row.workload.path = "\(number)"
                    row.usage.energy[0].dynamic = 1 << 53
                    answer.rows.append(row)
                }
                answer.steps = []
            },
        ]
        for (index, change) in changes.enumerated() {
            #expect(throws: HistoryError.self, "change \(index)") { try answer(change).validated() }
        }
    }
}

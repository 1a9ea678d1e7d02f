import Glibc
import History
import Reporting
import Terminal

extension AgentClient {
    func past() async -> PastUse? {
        let now = Int64(time(nil))
        var day = LocalCalendar.moment(now)
        (day.hour, day.minute, day.second) = (0, 0, 0)
        let midnight = LocalCalendar.unixTime(day) ?? now - now % 86_400
        var past = PastUse()
        for span in PastSpan.allCases {
            let question = span.question(at: now, midnight: midnight)
            // Without a history there is no such path: the first question is the last.
            guard let answer = try? await answer(question) else { break }
            past.add(answer, of: span)
        }
        return past.isEmpty ? nil : past
    }

    private func answer(_ question: PastSpan.Question) async throws -> HistoryAnswer {
        try await history(since: question.since, until: question.until, boundaries: question.boundaries)
    }

    /// What was used in a span: Unix times, s. Throws a ``SourceFailure``.
    func history(since: Int64, until: Int64, boundaries: [Int64]) async throws -> HistoryAnswer {
        let steps = boundaries.isEmpty ? "" : "&boundaries=" + boundaries.map(String.init).joined(separator: ",")
        let answer = try await document(
            "/api/v1/history?since=\(since)&until=\(until)\(steps)", as: HistoryAnswer.self)
        do {
            return try answer.validated()
        } catch {
            throw SourceFailure("\(name): \(error)")
        }
    }
}

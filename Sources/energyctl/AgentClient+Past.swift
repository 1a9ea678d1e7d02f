import Glibc
import History
import Reporting
import Terminal

extension AgentClient {
    func past() async -> PastUse? {
        await .asked { try await history(since: $0.since, until: $0.until, boundaries: $0.boundaries) }
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

extension PastUse {
    /// What a history answers to the questions of the view; nil where there is none.
    static func asked(
        _ answer: nonisolated(nonsending) (PastSpan.Question) async throws -> HistoryAnswer
    ) async -> PastUse? {
        let now = Int64(time(nil))
        var day = LocalCalendar.moment(now)
        (day.hour, day.minute, day.second) = (0, 0, 0)
        let midnight = LocalCalendar.unixTime(day) ?? now - now % 86_400
        var past = PastUse()
        for span in PastSpan.allCases {
            // Without a history there is no answer: the first question is the last.
            guard let found = try? await answer(span.question(at: now, midnight: midnight)) else { break }
            past.add(found, of: span)
        }
        return past.isEmpty ? nil : past
    }
}

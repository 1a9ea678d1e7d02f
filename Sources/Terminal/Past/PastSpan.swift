/// The spans of an agent's history that the live view asks for.
package enum PastSpan: CaseIterable, Sendable {
    /// The minutes before the first reading, for curves.
    case recent
    /// The last 24 hours, hour by hour.
    case day
    /// The same hour of the last seven days, for what is usual.
    case sameHour
    /// Since midnight.
    case today

    /// What is asked: all Unix times, s.
    package struct Question: Sendable, Equatable {
        /// The first second, and the first that is not part of the span.
        package var since: Int64
        package var until: Int64
        /// Where steps begin; empty for none.
        package var boundaries: [Int64]
    }

    /// Of ``sameHour``.
    static let days: Int64 = 7

    /// - Parameter midnight: the last one, by the clock on the wall.
    package func question(at now: Int64, midnight: Int64) -> Question {
        let hour = now - now % 3600
        func ascending(_ first: Int64, by step: Int64) -> [Int64] { Array(stride(from: first, to: now, by: Int(step))) }
        switch self {
        case .recent:
            let first = now - now % 60 - Int64(Timeline.span)
            return Question(since: first, until: now, boundaries: ascending(first, by: 60))
        case .day:
            let first = hour - 24 * 3600
            return Question(since: first, until: now, boundaries: ascending(first, by: 3600))
        case .sameHour:
            let first = hour - Self.days * 86_400
            // The hour of each day, and what lies between two of them.
            let starts = stride(from: first, to: hour, by: 86_400).flatMap { [$0, $0 + 3600] }
            return Question(since: first, until: hour - 86_400 + 3600, boundaries: Array(starts.dropLast()))
        case .today:
            return Question(since: min(midnight, now - 1), until: now, boundaries: [])
        }
    }
}

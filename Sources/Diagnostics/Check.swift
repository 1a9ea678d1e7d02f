/// One thing that `energyctl doctor` checked.
package struct Check: Codable, Sendable, Equatable {
    package enum Status: String, Codable, CaseIterable, Sendable, Comparable {
        case ok
        /// Not there, and nothing is missing without it; `-` for people.
        case absent
        /// Works, with coarser or fewer figures than it could.
        case warn
        /// Ought to work on this machine and does not.
        case fail

        package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .ok, .absent: 0
            case .warn: 1
            case .fail: 2
            }
        }
    }

    /// `power`, `accounting`: which part of the program it is about.
    package var area: String
    /// `rapl`, `tier`: unique within the area.
    package var name: String
    package var status: Status
    /// What was found, with paths and figures; where something failed, what failed and why.
    package var finding: String
    /// What to do about it.
    package var remedy: String?

    package init(_ area: String, _ name: String, _ status: Status, _ finding: String, remedy: String? = nil) {
        self.area = area
        self.name = name
        self.status = status
        self.finding = finding
        self.remedy = remedy
    }
}

extension [Check] {
    /// The worst of them: `ok`, `warn` or `fail`.
    package var status: Check.Status {
        let worst = map(\.status).max() ?? .ok
        return worst == .absent ? .ok : worst
    }

    /// All of them in one sentence, those named that are not as they should be.
    package var verdict: String {
        let failed = filter { $0.status == .fail }.map { "\($0.area) \($0.name)" }
        let coarse = filter { $0.status == .warn }.map { "\($0.area) \($0.name)" }
        let others = coarse.isEmpty ? "" : "; coarser or less than it could be: \(coarse.joined(separator: ", "))"
        guard failed.isEmpty else { return "does not work: \(failed.joined(separator: ", "))\(others)" }
        return coarse.isEmpty ? "everything works" : "works\(others)"
    }
}

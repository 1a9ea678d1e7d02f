internal import Linux

extension [Check] {
    /// For people: status, area and name in columns; below a check that is not ok, its remedy; the verdict last.
    package var lines: [String] {
        let names = map { "\($0.area) \($0.name)" }
        // One long name does not move everything to the right.
        let width = Swift.min(names.map(\.count).max() ?? 0, 24)
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: Swift.max(0, width - text.count))
        }
        let checks = zip(self, names).flatMap { check, name in
            // Paths, names and answers of servers come from elsewhere.
            let finding = printable(check.finding, limit: .max)
            let first = "\(padded(check.status.mark, 4))  \(padded(printable(name), width))  \(finding)"
            guard let remedy = check.remedy, check.status > .ok else { return [first] }
            return [first, padded("", width + 8) + "-> " + printable(remedy, limit: .max)]
        }
        return checks + ["", "\(padded(status.mark, 4))  \(verdict)"]
    }
}

extension Check.Status {
    fileprivate var mark: String { self == .absent ? "-" : rawValue }
}

internal import Snapshot

/// What workloads are sorted by.
package struct WorkloadOrder: Hashable, Sendable {
    package enum Key: String, CaseIterable, Sendable {
        /// Cumulative, all zones.
        case energy
        /// In the last window.
        case power
        /// Busy CPUs in the last window.
        case cpu
        /// Cumulative.
        case emissions
        /// By Unicode scalars, so that the order does not depend on a language.
        case name
    }

    package var key: Key
    package var isDescending: Bool

    package init(_ key: Key, isDescending: Bool) {
        self.key = key
        self.isDescending = isDescending
    }

    /// Unless another is asked for: the largest consumers first.
    package static let standard = WorkloadOrder(.energy, isDescending: true)

    /// `energy`, smallest first, or `-energy`, largest first; nil where there is no such key.
    init?(_ text: String) {
        let isDescending = text.first == "-"
        guard let key = Key(rawValue: isDescending ? String(text.dropFirst()) : text) else { return nil }
        self.init(key, isDescending: isDescending)
    }

    /// Every value of the parameter.
    package static let words = Key.allCases.flatMap { [$0.rawValue, "-" + $0.rawValue] }

    /// Places of `workloads` in this order. What is not known comes last in both directions, and equals by their id, so
    /// that the order does not depend on that of the snapshot. O(n log n).
    func sorted(_ places: [Int], of workloads: [Snapshot.Workload]) -> [Int] {
        guard key != .name else {
            return places.sorted { first, second in
                let (a, b) = (workloads[first], workloads[second])
                if a.name == b.name { return a.id < b.id }
                return isDescending ? a.name > b.name : a.name < b.name
            }
        }
        let figures = places.map { (place: $0, figure: figure(workloads[$0])) }
        return figures.sorted { first, second in
            switch (first.figure, second.figure) {
            case (let a?, let b?) where a != b: isDescending ? a > b : a < b
            case (.some, nil): true
            case (nil, .some): false
            default: workloads[first.place].id < workloads[second.place].id
            }
        }.map(\.place)
    }

    private func figure(_ workload: Snapshot.Workload) -> Double? {
        switch key {
        case .energy: workload.energyMicrojoules.map { Double($0) }
        case .power: workload.powerWatts
        case .cpu: workload.cpuUsage
        case .emissions: workload.emissionsGrams
        case .name: nil
        }
    }
}

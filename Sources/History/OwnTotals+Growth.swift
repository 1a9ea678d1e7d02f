extension OwnTotals {
    /// The same workloads before they used anything.
    var atZero: OwnTotals {
        var zero = self
        zero.entries = entries.mapValues { entry in
            var entry = entry
            entry.usage = HistoryUsage(zones: node.count)
            return entry
        }
        zero.parts = [:]
        zero.node = [Int64](repeating: 0, count: node.count)
        return zero
    }

    /// What each workload used since `base`, and the parts of the node: together what the node used, to the microjoule.
    /// Those that used nothing are left out.
    func growth(since base: OwnTotals) -> [HistoryWorkload: HistoryUsage] {
        let places = zones.map { base.zones.firstIndex(of: $0) }
        var growth = entries.mapValues { entry in entry.usage }
        for (id, before) in base.entries {
            // Of one that is gone, what it had used is part of what is above it by now.
            guard let heir = heir(of: id, in: base) else { continue }
            growth[heir]?.subtract(before.usage.arranged(places))
        }
        var result: [HistoryWorkload: HistoryUsage] = [:]
        for (id, usage) in growth where !usage.isZero {
            guard let workload = entries[id]?.workload else { continue }
            result.add(usage, to: workload)
        }
        for (part, usage) in parts {
            var growth = usage
            if let before = base.parts[part] { growth.subtract(before.arranged(places)) }
            result.add(growth, to: HistoryWorkload(part))
        }
        balance(&result, since: base, places)
        return result.filter { !$1.isZero }
    }

    /// The workload that has what another one had used: itself, the first above it that is still there, or the one that
    /// has the past of all that ended.
    private func heir(of id: String, in base: OwnTotals) -> String? {
        var next: String? = id
        // A path is never that deep; a loop in what a reader was sent is.
        for _ in 0..<10_000 {
            guard let id = next else { break }
            if entries[id] != nil { return id }
            next = base.entries[id]?.parentID
        }
        return entries[Self.endedKey] == nil ? nil : Self.endedKey
    }

    /// The id of the workload that has the past of those that ended without a parent. `WorkloadTree.endedKey`
    private static let endedKey = "ended"

    /// What is in the node and in none of its parts, for whatever reason, is not attributed.
    private func balance(
        _ growth: inout [HistoryWorkload: HistoryUsage], since base: OwnTotals, _ places: [Int?]
    ) {
        var rest = HistoryUsage(zones: zones.count)
        for zone in zones.indices {
            let before = places[zone].map { base.node[$0] } ?? 0
            let used = growth.values.reduce(0) { $0 + $1.energy[zone].sum }
            rest.energy[zone].dynamic = node[zone] - before - used
        }
        if !rest.isZero { growth.add(rest, to: HistoryWorkload(.unattributed)) }
    }
}

extension HistoryUsage {
    /// With the energy of zones in another order: where each was; nil for zones that are new.
    fileprivate func arranged(_ places: [Int?]) -> HistoryUsage {
        var arranged = HistoryUsage(zones: places.count)
        arranged.cpuMicroseconds = cpuMicroseconds
        arranged.emissionsMicrograms = emissionsMicrograms
        for (zone, place) in places.enumerated() {
            if let place { arranged.energy[zone] = energy[place] }
        }
        return arranged
    }
}

extension [HistoryWorkload: HistoryUsage] {
    /// Workloads of one name, such as the pods of an owner in two cgroups, are one.
    fileprivate mutating func add(_ usage: HistoryUsage, to workload: HistoryWorkload) {
        if self[workload] == nil {
            self[workload] = usage
        } else {
            self[workload]? += usage
        }
    }
}

/// How the CPUs differ and which share a core.
package struct CPUTopology: Sendable, Equatable {
    /// Kinds of cores, the strongest first: `performance`, `efficiency`, `low-power`, or by capacity on ARM. One
    /// element, `all`, where every CPU is alike.
    package let classes: [String]
    /// Index into ``classes`` by CPU.
    package let classOfCPU: [Int]
    /// The other thread of its core by CPU; nil where there is none, or more than one.
    package let siblingOfCPU: [Int?]

    package var hasSiblings: Bool { siblingOfCPU.contains { $0 != nil } }

    /// More kinds of cores than this are added to the last.
    package static let maxClasses = 4

    /// Every CPU is like the others and has its core for itself.
    package init(uniform cpuCount: Int) {
        classes = ["all"]
        classOfCPU = Array(repeating: 0, count: cpuCount)
        siblingOfCPU = Array(repeating: nil, count: cpuCount)
    }

    private init(classes: [String], classOfCPU: [Int], siblingOfCPU: [Int?]) {
        self.classes = classes
        self.classOfCPU = classOfCPU
        self.siblingOfCPU = siblingOfCPU
    }

    /// The same, as if every CPU had its core for itself.
    package var withoutSiblings: CPUTopology {
        CPUTopology(
            classes: classes, classOfCPU: classOfCPU, siblingOfCPU: Array(repeating: nil, count: siblingOfCPU.count))
    }

    /// - Parameter cpuCount: possible CPUs.
    package init(sysfs: String, cpuCount: Int) {
        siblingOfCPU = (0..<cpuCount).map { cpu in
            let directory = "\(sysfs)/devices/system/cpu/cpu\(cpu)/topology"
            let text =
                (try? readText(directory + "/core_cpus_list")) ?? (try? readText(directory + "/thread_siblings_list"))
            let others = text.flatMap(parseCPUList)?.filter { $0 != cpu && $0 < cpuCount } ?? []
            return others.count == 1 ? others[0] : nil
        }
        let kinds = Self.hybridKinds(sysfs: sysfs) ?? Self.kindsByCapacity(sysfs: sysfs, cpuCount: cpuCount)
        guard kinds.count > 1 else {
            classes = ["all"]
            classOfCPU = Array(repeating: 0, count: cpuCount)
            return
        }
        let kept = kinds.prefix(Self.maxClasses)
        var classOfCPU = Array(repeating: kept.count - 1, count: cpuCount)
        for (index, kind) in kept.enumerated() {
            for cpu in kind.cpus where cpu < cpuCount { classOfCPU[cpu] = index }
        }
        classes = kept.map(\.name)
        self.classOfCPU = classOfCPU
    }

    private typealias Kind = (name: String, cpus: [Int])

    /// Intel's hybrid CPUs have one performance monitoring unit for each kind of core.
    private static func hybridKinds(sysfs: String) -> [Kind]? {
        let units = [("performance", "cpu_core"), ("efficiency", "cpu_atom"), ("low-power", "cpu_lowpower")]
        let kinds: [Kind] = units.compactMap { name, unit in
            (try? readText("\(sysfs)/devices/\(unit)/cpus")).flatMap(parseCPUList).map { (name, $0) }
        }
        return kinds.count > 1 ? kinds : nil
    }

    /// The scheduler's own idea of a core's strength, 1024 for the strongest. Documentation/devicetree: cpu-capacity
    private static func kindsByCapacity(sysfs: String, cpuCount: Int) -> [Kind] {
        var byCapacity: [UInt64: [Int]] = [:]
        for cpu in 0..<cpuCount {
            guard let capacity = try? readNumber("\(sysfs)/devices/system/cpu/cpu\(cpu)/cpu_capacity") else { continue }
            byCapacity[capacity, default: []].append(cpu)
        }
        return byCapacity.sorted { $0.key > $1.key }.map { ("capacity-\($0.key)", $0.value) }
    }
}

/// The CPUs of a list such as `0-3,8`; nil where it is none.
package func parseCPUList(_ text: String) -> [Int]? {
    var cpus: [Int] = []
    guard !text.allSatisfy(\.isWhitespace) else { return [] }
    for range in text.split(separator: ",", omittingEmptySubsequences: false) {
        let ends = range.split(separator: "-", omittingEmptySubsequences: false).map { Int($0.trimmingSpaces) }
        guard let first = ends[0], let last = ends.count == 2 ? ends[1] : first, ends.count <= 2, first >= 0,
            first <= last, last < 65536, cpus.count < 65536
        else { return nil }
        cpus += first...last
    }
    return cpus
}

/// CPUs that are online; nil where that is unknown. `/sys/devices/system/cpu/online`
package func onlineCPUs(sysfs: String) -> [Int]? {
    (try? readText(sysfs + "/devices/system/cpu/online")).flatMap(parseCPUList)
}

/// The sockets of the CPUs that are online, by the numbers that the hardware gives them; empty where that cannot be
/// told. `/sys/devices/system/cpu/cpuN/topology/physical_package_id`
package func physicalPackages(sysfs: String) -> Set<UInt64> {
    Set(
        (onlineCPUs(sysfs: sysfs) ?? []).compactMap { cpu in
            try? readNumber("\(sysfs)/devices/system/cpu/cpu\(cpu)/topology/physical_package_id")
        })
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var result = self
        while result.first?.isWhitespace == true { result.removeFirst() }
        while result.last?.isWhitespace == true { result.removeLast() }
        return result
    }
}

/// Which chassis lies in which, and which systems are in it. Links that lead in circles do no harm.
struct ChassisTree {
    private var parents: [String: String] = [:]
    private var direct: [String: Set<String>] = [:]
    private var below: [String: Set<String>] = [:]
    /// Every system that is known, by its path.
    private(set) var systems: Set<String> = []

    init(_ chassis: [RedfishChassis], _ systems: [RedfishSystem]) {
        for one in chassis {
            for inner in one.contains where inner != one.path { parents[inner] = one.path }
        }
        for one in chassis {
            if let outer = one.containedBy, outer != one.path { parents[one.path] = outer }
            direct[one.path, default: []].formUnion(one.systems)
        }
        for system in systems {
            for path in system.chassis { direct[path, default: []].insert(system.path) }
        }
        // A processor of its own on a card is a system to the BMC, and no node.
        let cards = Set(systems.filter { $0.type?.lowercased() == "dpu" }.map(\.path))
        direct = direct.mapValues { $0.subtracting(cards) }
        self.systems = Set(systems.map(\.path)).union(direct.values.joined()).subtracting(cards)
        for (path, systems) in direct {
            for outer in [path] + above(path) { below[outer, default: []].formUnion(systems) }
        }
    }

    func directSystems(of path: String) -> Set<String> { direct[path] ?? [] }

    /// The systems in a chassis and in those that lie in it.
    func systemsBelow(_ path: String) -> Set<String> { below[path] ?? [] }

    /// The chassis around this one, from the inside out.
    private func above(_ path: String) -> [String] {
        var found: [String] = []
        var seen: Set = [path]
        var next = parents[path]
        while let outer = next, seen.insert(outer).inserted {
            found.append(outer)
            next = parents[outer]
        }
        return found
    }

    /// Those that do not lie in another one of them.
    func outermost(_ chassis: [RedfishChassis]) -> [RedfishChassis] {
        let paths = Set(chassis.map(\.path))
        return chassis.filter { one in !above(one.path).contains { paths.contains($0) && !lies($0, in: one.path) } }
    }

    /// Those in which no other one of them lies.
    func innermost(_ chassis: [RedfishChassis]) -> [RedfishChassis] {
        chassis.filter { one in !chassis.contains { lies($0.path, in: one.path) && !lies(one.path, in: $0.path) } }
    }

    private func lies(_ inner: String, in outer: String) -> Bool { above(inner).contains(outer) }
}

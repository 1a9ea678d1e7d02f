/// Selects the chassis of this node among those that report their power. Pure.
package struct RedfishSelection: Sendable, Equatable {
    package var path: String
    /// True where nothing says that it is this node's.
    package var isGuess: Bool

    /// Why none was selected.
    package enum Refusal: Error, Sendable, Equatable {
        /// No chassis reports its power.
        case silent
        /// Only one that also feeds other systems does, by its path.
        case shared(String)
        /// The service has several systems, and none is known to be this one.
        case ambiguous(systems: Int)
        /// Only power supplies report it, each as a chassis of its own: so many.
        case scattered(Int)
        /// The power of the system's own chassis, of this path, cannot be read at present.
        case awaited(String)
    }

    /// Chassis that house several systems, by DSP2046.
    private static let wholes: Set = [
        "enclosure", "rack", "rackgroup", "row", "pod", "zone", "shelf", "drawer", "immersiontank",
    ]
    /// Chassis that are one node.
    private static let nodes: Set = ["rackmount", "standalone", "blade", "sled", "node"]
    /// Chassis inside of a node, or beside it.
    private static let parts: Set = [
        "module", "component", "card", "cartridge", "expansion", "ipbaseddrive", "storageenclosure", "heatexchanger",
        "sidecar", "powerstrip",
    ]

    private static func isOne(of types: Set<String>, _ chassis: RedfishChassis) -> Bool {
        chassis.type.map { types.contains($0.lowercased()) } ?? false
    }

    private static func isWhole(_ chassis: RedfishChassis) -> Bool { isOne(of: wholes, chassis) }

    /// True for a power supply that is listed as a chassis.
    private static func isSupply(_ chassis: RedfishChassis) -> Bool {
        let name = chassis.path.split(separator: "/").last.map(String.init)
        return PowerScope(name: name, context: nil) == .supply
    }

    /// - Parameters:
    ///   - known: every chassis that could be read.
    ///   - watts: the power of those that report it, by path.
    ///   - sums: those of which it is the sum of their supplies, by path.
    ///   - awaited: chassis whose power may be known later, by path: those that could not be read, or only in part.
    ///   - uuid: this node's by its firmware; nil where unknown.
    package static func select(
        among known: [RedfishChassis], watts: [String: Double], sums: Set<String> = [], systems: [RedfishSystem],
        awaited: Set<String> = [], uuid: String?
    ) -> Result<RedfishSelection, Refusal> {
        let tree = ChassisTree(known, systems)
        let reporting = known.filter { watts[$0.path] != nil }
        let candidates = reporting.filter { !isSupply($0) }
        guard !candidates.isEmpty else { return .failure(reporting.isEmpty ? .silent : .scattered(reporting.count)) }
        func highest(_ chassis: [RedfishChassis], isGuess: Bool) -> Result<RedfishSelection, Refusal>? {
            // Of several that do not lie in one another, none is the whole where each reports its own supplies only.
            if chassis.count > 1, chassis.allSatisfy({ sums.contains($0.path) }) {
                return .failure(.scattered(chassis.count))
            }
            let best = chassis.max { (watts[$0.path] ?? 0, $1.path) < (watts[$1.path] ?? 0, $0.path) }
            return best.map { .success(RedfishSelection(path: $0.path, isGuess: isGuess || isWhole($0))) }
        }
        let all = tree.systems
        let own = ownSystem(systems, uuid: uuid) ?? (all.count == 1 ? all.first : nil)
        let mine = own.map { [$0] } ?? all.sorted()
        // Until the power of the system's own chassis is known, that of a part or of an enclosure would be wrong.
        let isOwn = { (path: String) in !tree.directSystems(of: path).isDisjoint(with: mine) }
        let isKnown = candidates.contains { isOwn($0.path) && !isWhole($0) && !isOne(of: parts, $0) }
        if !isKnown, let path = awaited.sorted().first(where: isOwn) { return .failure(.awaited(path)) }
        let outermost = tree.outermost(mine.flatMap { homes(of: $0, candidates, known, tree) })
        if own != nil || outermost.count == 1 {
            // Beside the node its boards may name the system, too.
            let groups = [outermost.filter { isOne(of: nodes, $0) }, outermost.filter { !isOne(of: parts, $0) }]
            let best = groups.first { !$0.isEmpty } ?? outermost
            if let selection = highest(best, isGuess: own == nil || best.count > 1) { return selection }
        }
        if outermost.count > 1 { return .failure(.ambiguous(systems: all.count)) }
        // None is linked to this system. One that holds several is not this node; others may be.
        let free = candidates.filter { tree.systemsBelow($0.path).isEmpty }
        let isNode = { (chassis: RedfishChassis) in isOne(of: nodes, chassis) }
        let isPart = { (chassis: RedfishChassis) in isOne(of: parts, chassis) }
        let likely = [free.filter(isNode), free.filter { !isNode($0) && !isPart($0) && !isWhole($0) }]
        for (index, group) in (likely + [free.filter(isWhole), free.filter(isPart)]).enumerated() {
            let isGuess = candidates.count > 1 || index >= likely.count
            if let selection = highest(tree.outermost(group), isGuess: isGuess) { return selection }
        }
        return .failure(.shared(candidates[0].path))
    }

    /// The candidates that are the system's own chassis.
    ///
    /// `Links.ComputerSystems` names what a chassis directly and wholly contains: where several do, the outermost is at
    /// the inlet. Where none of them reports its power at all, the nearest chassis around them does.
    private static func homes(
        of system: String, _ candidates: [RedfishChassis], _ known: [RedfishChassis], _ tree: ChassisTree
    ) -> [RedfishChassis] {
        func isDirect(_ chassis: RedfishChassis) -> Bool { tree.directSystems(of: chassis.path).contains(system) }
        let direct = candidates.filter { isDirect($0) && !isWhole($0) }
        if !direct.isEmpty { return tree.outermost(direct) }
        // A blade without a reading at the moment must not be replaced by its enclosure.
        if known.contains(where: { isDirect($0) && !isWhole($0) && !$0.sources.isEmpty }) { return [] }
        let around = candidates.filter { tree.systemsBelow($0.path) == [system] && (isDirect($0) || !isWhole($0)) }
        return tree.innermost(around)
    }

    /// The path of the system that has this node's UUID, in either of the byte orders that firmware writes.
    static func ownSystem(_ systems: [RedfishSystem], uuid: String?) -> String? {
        guard let own = uuid.flatMap(UUIDText.init) else { return nil }
        let matches = systems.filter { system in
            system.uuid.flatMap(UUIDText.init).map { $0 == own || $0.swapped == own } ?? false
        }
        return matches.count == 1 ? matches[0].path : nil
    }
}

/// A UUID as its 32 digits.
struct UUIDText: Equatable {
    private let digits: [UInt8]

    /// Nil where it is none, or one that says "not set".
    init?(_ text: String) {
        let digits = text.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 > 0x20 }
        guard digits.count == 32, Set(digits).count > 1,
            digits.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else { return nil }
        self.digits = digits
    }

    private init(digits: [UInt8]) {
        self.digits = digits
    }

    /// With the bytes of its first three fields in the other order: SMBIOS 2.6, section 7.2.1.
    var swapped: Self {
        let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
        return Self(digits: order.flatMap { [digits[2 * $0], digits[2 * $0 + 1]] })
    }
}

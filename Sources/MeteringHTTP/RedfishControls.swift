/// Whose document is read, which decides what its `RelatedItem` links mean.
struct RedfishOwner: Sendable {
    /// The chassis' path.
    var chassis: String
    /// The systems in it, by their paths.
    var systems: [String]
    /// The chassis around it.
    var outer: String?
    var origin: RedfishOrigin
    /// The path of the document.
    var document: String
}

/// The entries of `PowerControl`: which of them is the whole.
///
/// Only the best of them is read. Where that has no reading, the next one is of something else, and so is no substitute.
struct RedfishControls {
    private let controls: [LooseJSON]
    private let owner: RedfishOwner?

    init(_ document: LooseJSON, owner: RedfishOwner?) {
        controls = (document["PowerControl"]?.list ?? []).filter { $0.isObject && RedfishState($0).isInUse }
        self.owner = owner
    }

    /// The power of the whole, W: of the entries of the best rank the first with a reading; or else the sum of those of
    /// power supplies, where each of them reports it.
    func watts() -> Double? {
        let systems = systems
        let ranks = controls.map { rank($0, systems) }
        if let best = ranks.compactMap(\.self).max() {
            return zip(controls, ranks).lazy.filter { $1 == best }
                .compactMap { RedfishPower.plausible($0.0["PowerConsumedWatts"]) }.first
        }
        let supplies = controls.filter { scope($0) == .supply && ![.outer, .other].contains(relation($0, systems)) }
        return RedfishSupplies.sum(supplies) { $0["PowerConsumedWatts"] }
    }

    private enum Relation { case none, system, chassis, inside, outer, other }

    private func scope(_ control: LooseJSON) -> PowerScope {
        PowerScope(name: control["Name"]?.text, context: control["PhysicalContext"]?.text)
    }

    /// What it is worth as the whole: what it is related to counts before its name; nil for no whole.
    private func rank(_ control: LooseJSON, _ systems: [String]) -> Int? {
        let (scope, relation) = (scope(control), relation(control, systems))
        guard scope == .whole || scope == .unclear else { return nil }
        switch relation {
        // Firmware copies documents along with their dangling links, so a control that is the only one is accepted.
        case .other: return controls.count == 1 ? 0 : nil
        case .outer: return nil
        case .inside: return scope == .whole ? 2 : nil
        case .none: return scope == .whole ? 2 : 0
        case .chassis: return scope == .whole ? 6 : 4
        case .system: return scope == .whole ? 7 : 5
        }
    }

    private func relation(_ control: LooseJSON, _ systems: [String]) -> Relation {
        guard let owner else { return .none }
        // What leads back to the entry itself says nothing.
        let items = related(control).filter { $0 != owner.document.withoutSlash }
        // A control of one of several systems is a part of the chassis.
        if systems.count == 1, items.contains(systems[0]) { return .system }
        if items.contains(owner.chassis) { return .chassis }
        let own = ([owner.chassis] + systems).map { $0 + "/" }
        if items.contains(where: { own.contains(where: $0.hasPrefix) }) { return .inside }
        if let outer = owner.outer, items.contains(outer) { return .outer }
        return items.contains { $0.isBelow("Chassis") || $0.isBelow("Systems") } ? .other : .none
    }

    /// The systems of the chassis; where it names none, the only one that the entries name.
    private var systems: [String] {
        guard let owner else { return [] }
        if !owner.systems.isEmpty { return owner.systems }
        let named = Set(controls.flatMap(related).filter { $0.split(separator: "/").dropLast().last == "Systems" })
        return named.count == 1 ? Array(named) : []
    }

    private func related(_ control: LooseJSON) -> [String] {
        guard let owner else { return [] }
        return (control["RelatedItem"]?.list ?? []).compactMap { owner.origin.path($0.link, from: owner.document) }
    }
}

extension String {
    /// True for `/redfish/v1/Chassis/NAME`, and for what lies in it.
    fileprivate func isBelow(_ collection: Substring) -> Bool { split(separator: "/").dropLast().contains(collection) }
}

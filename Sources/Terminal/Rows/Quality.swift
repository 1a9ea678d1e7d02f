internal import Snapshot

/// How an energy is known, the best first. Marks are no letters, which stand for kinds of rows elsewhere, and no colours.
enum Quality: Int, CaseIterable {
    case measured, modelled, estimated

    init?(word: String) {
        guard let quality = Self.allCases.first(where: { "\($0)" == word }) else { return nil }
        self = quality
    }

    var mark: String {
        switch self {
        case .measured: "="
        case .modelled: "~"
        case .estimated: "?"
        }
    }
}

/// What the zones of a node are worth.
struct ZoneQualities {
    /// What makes up less than this of an energy does not count.
    private static let least = 0.1

    /// Of what the meter says, and of what is attributed out of it, by the name of the zone; the worst where several nodes
    /// have one of that name.
    private var metered: [String: Quality] = [:]
    private var attributed: [String: Quality] = [:]

    init(_ node: Snapshot.Node) {
        for zone in node.zones {
            guard let quality = Quality(word: zone.quality) else { continue }
            metered.keepWorst(quality, zone.name)
            attributed.keepWorst(zone.dynamicQuality.flatMap(Quality.init(word:)) ?? quality, zone.name)
        }
    }

    /// The worst quality that makes up a tenth of the row's energy; nil where its power or energy is not known.
    func quality(of row: Row) -> Quality? {
        guard row.watts != nil, row.joules != nil else { return nil }
        let qualities = row.kind == Fleet.kind ? metered : attributed
        let all = row.zones.values.reduce(0) { $0 + $1.joules }
        let parts = row.zones.compactMap { name, energy in
            energy.joules >= Self.least * all ? qualities[name] : nil
        }
        // Of the past the zones are not kept: it is worth what the worst of them is.
        return (parts.isEmpty ? Array(qualities.values) : parts).max { $0.rawValue < $1.rawValue }
    }
}

extension [String: Quality] {
    fileprivate mutating func keepWorst(_ quality: Quality, _ name: String) {
        if let known = self[name], known.rawValue >= quality.rawValue { return }
        self[name] = quality
    }
}

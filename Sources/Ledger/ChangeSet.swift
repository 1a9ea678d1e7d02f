/// Places of a list that changed since it was last read, each once, in the order in which they changed.
///
/// The only record of what has to be written or rendered again: what is not in the set is unchanged.
package struct ChangeSet {
    /// What has changed.
    package struct Kind: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Cumulative figures.
        package static let totals = Kind(rawValue: 1)
        /// Only figures of the window: a workload that was active has become idle.
        package static let rates = Kind(rawValue: 2)
        /// Identity, names, or place in the tree.
        package static let description = Kind(rawValue: 4)
    }

    /// By place.
    private var kinds: [Kind] = []
    package private(set) var places: [Int] = []

    package init() {}

    package subscript(place: Int) -> Kind { place < kinds.count ? kinds[place] : [] }

    package var isEmpty: Bool { places.isEmpty }

    /// O(1), amortised.
    package mutating func insert(_ place: Int, _ kind: Kind) {
        if place >= kinds.count { kinds.append(contentsOf: repeatElement([], count: place + 1 - kinds.count)) }
        if kinds[place].isEmpty { places.append(place) }
        kinds[place].formUnion(kind)
    }

    /// Empties the set. O(places in it).
    package mutating func removeAll() {
        for place in places { kinds[place] = [] }
        places.removeAll(keepingCapacity: true)
    }
}

/// Finds the slot of a workload: a small hash table with open addressing, built anew when slots change hands. Asked once
/// for every active workload of every window, where a `Dictionary` would take most of the time.
struct SlotTable: Sendable {
    /// Four times the number of slots: most workloads have none, which the first place shows.
    private static let size = 64

    /// Slot -1 is an empty place.
    private var places = [(id: UInt64, slot: Int)](repeating: (0, -1), count: size)

    init() {}

    /// - Parameter entries: at most ``PowerRegression/capacity``, with distinct ids.
    init(_ entries: [(id: UInt64, slot: Int)]) {
        for (id, slot) in entries {
            var place = Self.place(of: id)
            while places[place].slot >= 0 { place = (place + 1) % Self.size }
            places[place] = (id, slot)
        }
    }

    /// The slot of a workload; nil where it has none.
    subscript(id: UInt64) -> Int? {
        var place = Self.place(of: id)
        while places[place].slot >= 0 {
            if places[place].id == id { return places[place].slot }
            place = (place + 1) % Self.size
        }
        return nil
    }

    /// Fibonacci hashing: Knuth, The Art of Computer Programming, volume 3, section 6.4.
    private static func place(of id: UInt64) -> Int { Int((id &* 0x9E37_79B9_7F4A_7C15) >> 58) }
}

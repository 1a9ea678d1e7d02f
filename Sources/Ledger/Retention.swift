/// Workloads that ended, the first to end first: each is kept for a while with its final values, so that every scraper
/// sees them.
struct Retention {
    struct Entry: Equatable {
        /// s.
        var endedAt: Double
        var place: Int
    }

    /// Sorted by the time of the end, then by place.
    private(set) var entries: [Entry] = []
    /// When each place's workload ended; nil for those that are not here.
    private var endOfPlace: [Double?] = []
    /// For how long an ended workload is kept, s.
    private let duration: Double
    /// How many are kept at most; the oldest go first.
    private let limit: Int

    init(duration: Double, limit: Int) {
        self.duration = duration
        self.limit = limit
    }

    /// Notes that a workload may go from now on, or may not (nil). O(log entries), plus moving those that ended later.
    mutating func set(_ place: Int, endedAt: Double?) {
        if place >= endOfPlace.count {
            endOfPlace.append(contentsOf: repeatElement(nil, count: place + 1 - endOfPlace.count))
        }
        guard endOfPlace[place] != endedAt else { return }
        if let before = endOfPlace[place] { entries.remove(at: position(Entry(endedAt: before, place: place))) }
        endOfPlace[place] = endedAt
        if let endedAt {
            let entry = Entry(endedAt: endedAt, place: place)
            entries.insert(entry, at: position(entry))
        }
    }

    /// The workload that has to go next; nil while all may stay. O(1).
    func due(at now: Double) -> Int? {
        guard let first = entries.first, entries.count > limit || now - first.endedAt >= duration else { return nil }
        return first.place
    }

    /// Where an entry is or would be.
    private func position(_ entry: Entry) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let other = entries[middle]
            let isBefore =
                other.endedAt < entry.endedAt || other.endedAt == entry.endedAt && other.place < entry.place
            (low, high) = isBefore ? (middle + 1, high) : (low, middle)
        }
        return low
    }

    /// Traps where the queue is not as `tree` says. For tests.
    func _checkInvariants(_ tree: WorkloadTree) {
        let wanted = tree.places.enumerated().filter { $1.isShown && $1.isRetirable }
            .map { Entry(endedAt: $1.endedAt ?? 0, place: $0) }
            .sorted { ($0.endedAt, $0.place) < ($1.endedAt, $1.place) }
        precondition(entries == wanted, "the queue of ended workloads is wrong")
    }
}

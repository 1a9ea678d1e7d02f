/// Views of a list whose places are reused, in the order of the places; only what changed is written.
///
/// There are two arrays: one is published in the last snapshot, and the other, which was published before, is brought up
/// to date and published next. So a tick writes into an array that readers have released, and costs what changed; the
/// array is copied only where a reader still holds it.
///
/// A view has a description, which ``set(_:at:)`` replaces, and figures, which ``update(_:_:)`` overwrites. What was
/// active in the last tick usually is in the next: nothing is copied then.
struct ViewCache<View> {
    /// The series of changes in which a view was last written, and in which it was last replaced as a whole.
    private struct Mark {
        var written: UInt32
        var replaced: UInt32
    }

    private var published: [View] = []
    private var next: [View] = []
    /// By index.
    private var marks: [Mark] = []
    /// Indices that were written in this series of changes, and in the one before: there, ``next`` is behind
    /// ``published`` until it is written again.
    private var written: [Int] = []
    private var behind: [Int] = []
    /// The number of the series.
    private var series: UInt32 = 0
    /// By place; -1 for those without a view.
    private var indexOf: [Int] = []
    /// True between ``beginUpdate()`` and ``publish()`` where views were added or removed.
    private var isOutOfOrder = false

    var views: [View] { published }

    func contains(_ place: Int) -> Bool { place < indexOf.count && indexOf[place] >= 0 }

    /// Starts a series of changes. O(1), but O(views) where the last one added or removed views.
    mutating func beginUpdate() {
        series &+= 1
        swap(&behind, &written)
        written.removeAll(keepingCapacity: true)
        guard next.count != published.count else { return }
        next = published
        behind.removeAll(keepingCapacity: true)
    }

    /// Adds or replaces a view. O(1), amortised.
    mutating func set(_ view: View, at place: Int) {
        if contains(place) {
            let index = indexOf[place]
            next[index] = view
            marks[index] = Mark(written: series, replaced: series)
            written.append(index)
            return
        }
        if place >= indexOf.count { indexOf.append(contentsOf: repeatElement(-1, count: place + 1 - indexOf.count)) }
        indexOf[place] = next.count
        next.append(view)
        marks.append(Mark(written: series, replaced: series))
        isOutOfOrder = true
    }

    /// Writes the figures of a view that exists: all of them, because it may hold those of two series ago. O(1).
    mutating func update(_ place: Int, _ write: (inout View) -> Void) {
        let index = indexOf[place]
        if marks[index].written != series, marks[index].replaced == series &- 1 { next[index] = published[index] }
        write(&next[index])
        marks[index].written = series
        written.append(index)
    }

    /// Removes a view if there is one. O(1).
    mutating func remove(_ place: Int) {
        guard contains(place) else { return }
        indexOf[place] = -1
        isOutOfOrder = true
    }

    /// Ends a series of changes: ``views`` has them now. O(places) where any view was added or removed, else
    /// O(views that were written in the last series).
    mutating func publish() {
        for index in behind where marks[index].written != series { next[index] = published[index] }
        guard isOutOfOrder else { return swap(&published, &next) }
        isOutOfOrder = false
        var arranged: [View] = []
        arranged.reserveCapacity(next.count)
        for place in indexOf.indices where indexOf[place] >= 0 {
            let view = next[indexOf[place]]
            indexOf[place] = arranged.count
            arranged.append(view)
        }
        published = arranged
        // Of another order: to be copied when the next series begins.
        next = []
        marks = Array(repeating: Mark(written: series, replaced: 0), count: arranged.count)
        written.removeAll(keepingCapacity: true)
    }
}

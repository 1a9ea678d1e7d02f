/// Views of a list whose places are used again, in the order of the places, patched where something changed.
///
/// There are two arrays: one is published in the last snapshot, and the other, which was published before, is brought up
/// to date and published next. So a tick writes into an array that readers have released, and costs what changed; only
/// where a reader still has it is the array copied.
struct ViewCache<View> {
    private var published: [View] = []
    private var next: [View] = []
    /// Indices that were changed in ``published`` when it was made from its predecessor, which ``next`` is now.
    private var changed: [Int] = []
    /// By place; -1 for those without a view.
    private var indexOf: [Int] = []
    /// True between ``beginUpdate()`` and ``publish()`` where views were added or removed.
    private var isOutOfOrder = false

    var views: [View] { published }

    func contains(_ place: Int) -> Bool { place < indexOf.count && indexOf[place] >= 0 }

    /// Starts a series of changes. O(changes of the last series).
    mutating func beginUpdate() {
        // Where much has changed, copying all at once is cheaper than one after the other.
        if next.count == published.count, changed.count < published.count / 4 {
            for index in changed { next[index] = published[index] }
        } else if next.count != published.count || !changed.isEmpty {
            next = published
        }
        changed.removeAll(keepingCapacity: true)
    }

    /// Adds or replaces a view. O(1), amortised.
    mutating func set(_ view: View, at place: Int) {
        if contains(place) {
            next[indexOf[place]] = view
            changed.append(indexOf[place])
            return
        }
        if place >= indexOf.count { indexOf.append(contentsOf: repeatElement(-1, count: place + 1 - indexOf.count)) }
        indexOf[place] = next.count
        next.append(view)
        isOutOfOrder = true
    }

    /// Changes a view that is there. O(1).
    mutating func update(_ place: Int, _ change: (inout View) -> Void) {
        change(&next[indexOf[place]])
        changed.append(indexOf[place])
    }

    /// Removes a view, where there is one. O(1).
    mutating func remove(_ place: Int) {
        guard contains(place) else { return }
        indexOf[place] = -1
        isOutOfOrder = true
    }

    /// Ends a series of changes: ``views`` has them now. O(places) where any view was added or removed, else O(1).
    mutating func publish() {
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
        changed.removeAll(keepingCapacity: true)
    }
}

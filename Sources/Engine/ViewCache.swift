/// Views of a list whose places are used again, in the order of the places, kept in one array that is patched where
/// something changed.
///
/// A snapshot shares the array; it is copied when the next tick patches it while a reader still has it.
struct ViewCache<View> {
    private(set) var views: [View] = []
    /// By place; -1 for those without a view.
    private var indexOf: [Int] = []
    /// True where views were added or removed since ``arrange()``.
    private var isOutOfOrder = false

    func contains(_ place: Int) -> Bool { place < indexOf.count && indexOf[place] >= 0 }

    /// Adds or replaces a view. O(1), amortised.
    mutating func set(_ view: View, at place: Int) {
        if contains(place) {
            views[indexOf[place]] = view
            return
        }
        if place >= indexOf.count { indexOf.append(contentsOf: repeatElement(-1, count: place + 1 - indexOf.count)) }
        indexOf[place] = views.count
        views.append(view)
        isOutOfOrder = true
    }

    /// Changes a view that is there. O(1).
    mutating func update(_ place: Int, _ change: (inout View) -> Void) {
        change(&views[indexOf[place]])
    }

    /// Removes a view, where there is one. O(1); the view is there until ``arrange()``.
    mutating func remove(_ place: Int) {
        guard contains(place) else { return }
        indexOf[place] = -1
        isOutOfOrder = true
    }

    /// Puts the views in order. O(places) where any was added or removed, else nothing.
    mutating func arrange() {
        guard isOutOfOrder else { return }
        isOutOfOrder = false
        var arranged: [View] = []
        arranged.reserveCapacity(views.count)
        for place in indexOf.indices where indexOf[place] >= 0 {
            let view = views[indexOf[place]]
            indexOf[place] = arranged.count
            arranged.append(view)
        }
        views = arranged
    }
}

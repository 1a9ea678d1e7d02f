/// What a table is sorted by: numbers with the largest first, names from A to Z.
package enum SortKey: String, CaseIterable, Sendable {
    case watts, cpu, joules, name
}

/// What the caller of ``TopModel/handle(_:)`` has to do.
package enum TopAction: Sendable, Equatable {
    case none
    case redraw
    /// Redraw, and count the interval from now.
    case reschedule
    case quit
}

/// What the user of the live view has chosen: state in, keys in, state out.
package struct TopModel: Sendable, Equatable {
    /// The refresh intervals that `+` and `-` step through, s.
    package static let intervals: [Double] = [0.2, 0.5, 1, 2, 5, 10, 30, 60]

    package var grouping: Grouping
    /// Those that the keys step through.
    package var groupings = Grouping.standard
    package var sort: SortKey
    package var isReversed = false
    package var filter: String
    /// True while keys go into ``filter``.
    package var isEditingFilter = false
    package var isPaused = false
    package var showsHelp = false
    /// All notices of the agent in place of the table.
    package var showsNotices = false
    /// Workloads whose cgroup is gone, until the agent forgets them.
    package var showsEnded = false
    /// Nil: as many rows as there are.
    package var limit: Int?
    /// Time between two refreshes, s.
    package var interval: Double

    /// Index of the selected row; only ``fit(ids:visibleRows:)`` knows how many there are.
    package private(set) var selected = 0
    /// Index of the first row shown.
    package private(set) var scroll = 0
    /// Rows on a page, as of the last ``fit(ids:visibleRows:)``.
    private var page = 10
    /// Once the user has moved the selection it stays on its row when the order changes; before, it stays on top.
    private var isPinned = false
    private var pinnedId: String?

    package init(
        grouping: Grouping = .all, sort: SortKey = .watts, filter: String = "", limit: Int? = nil, interval: Double = 1
    ) {
        self.grouping = grouping
        self.sort = sort
        self.filter = filter
        self.limit = limit
        self.interval = interval
    }

    /// Takes one key. Anything unknown does nothing.
    package mutating func handle(_ key: Key) -> TopAction {
        if key == .control("c") { return .quit }
        if isEditingFilter { return edit(key) }
        if showsHelp || showsNotices {
            (showsHelp, showsNotices) = (false, false)
            return key == .character("q") ? .quit : .redraw
        }
        switch key {
        case .up: move(by: -1)
        case .down: move(by: 1)
        case .pageUp: move(by: -page)
        case .pageDown: move(by: page)
        case .home: goHome()
        case .end: move(by: .max)
        case .left: step(by: -1)
        case .right: step(by: 1)
        case .tab, .backTab: cycleGrouping(by: key == .tab ? 1 : -1)
        case .escape: setFilter("")
        case .control("l"): break
        case .character(let character): return handle(character)
        default: return .none
        }
        return .redraw
    }

    private mutating func handle(_ character: Character) -> TopAction {
        switch character {
        case "q": return .quit
        case "w": setSort(.watts)
        case "c": setSort(.cpu)
        case "j": setSort(.joules)
        case "n": setSort(.name)
        case "<", ",": step(by: -1)
        case ">", ".": step(by: 1)
        case "r": isReversed.toggle()
        case "g": cycleGrouping(by: 1)
        case "1"..."9":
            guard let number = character.wholeNumberValue, number <= groupings.count else { return .none }
            setGrouping(groupings[number - 1])
        case "/": isEditingFilter = true
        case "e": showsEnded.toggle()
        case "h", "?": showsHelp = true
        case "!": showsNotices = true
        case "p", " ":
            isPaused.toggle()
            return .reschedule
        case "+", "=":
            interval = Self.intervals.first { $0 > interval } ?? max(interval, 60)
            return .reschedule
        case "-", "_":
            interval = Self.intervals.last { $0 < interval } ?? min(interval, 0.2)
            return .reschedule
        default: return .none
        }
        return .redraw
    }

    private mutating func edit(_ key: Key) -> TopAction {
        switch key {
        case .enter: isEditingFilter = false
        case .escape:
            isEditingFilter = false
            setFilter("")
        case .backspace: setFilter(String(filter.dropLast()))
        case .control("u"): setFilter("")
        case .character(let character): setFilter(filter + String(character))
        default: return .none
        }
        return .redraw
    }

    /// Brings selection and scroll in line with the rows there are; `visibleRows` of them can be seen.
    package mutating func fit(ids: [String], visibleRows: Int) {
        page = max(1, visibleRows)
        if let pinnedId, let index = ids.firstIndex(of: pinnedId) {
            selected = index
        }
        selected = max(0, min(selected, ids.count - 1))
        pinnedId = isPinned && !ids.isEmpty ? ids[selected] : nil
        scroll = min(max(scroll, selected - page + 1), selected)
        scroll = max(0, min(scroll, ids.count - page))
    }

    private mutating func move(by rows: Int) {
        selected = max(0, selected.addingReportingOverflow(rows).overflow ? .max : selected + rows)
        isPinned = true
        pinnedId = nil
    }

    private mutating func goHome() {
        (selected, scroll, isPinned, pinnedId) = (0, 0, false, nil)
    }

    private mutating func setSort(_ key: SortKey) {
        sort = key
        isReversed = false
    }

    private mutating func step(by columns: Int) {
        let all = SortKey.allCases
        let index = (all.firstIndex(of: sort) ?? 0) + columns
        setSort(all[max(0, min(index, all.count - 1))])
    }

    private mutating func setGrouping(_ new: Grouping) {
        grouping = new
        goHome()
    }

    private mutating func cycleGrouping(by steps: Int) {
        let index = (groupings.firstIndex(of: grouping) ?? 0) + steps + groupings.count
        setGrouping(groupings[index % groupings.count])
    }

    private mutating func setFilter(_ text: String) {
        filter = text
        goHome()
    }
}

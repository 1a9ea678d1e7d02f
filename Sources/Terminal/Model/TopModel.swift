/// What a table is sorted by: numbers with the largest first, words from A to Z.
package enum SortKey: String, CaseIterable, Sendable {
    case watts, cpu, joules, grams, kind, name

    /// For display.
    package var title: String {
        switch self {
        case .watts: "watts"
        case .cpu: "CPU"
        case .joules: "energy"
        case .grams: "emissions"
        case .kind: "kind"
        case .name: "name"
        }
    }

    var isText: Bool { self == .kind || self == .name }
}

/// What the caller of ``TopModel/handle(_:)`` has to do.
package enum TopAction: Sendable, Equatable {
    case none
    case redraw
    /// Redraw, and count the interval from now.
    case reschedule
    case quit
    /// Give the terminal back until the process goes on.
    case suspend
    /// Mark the moment that is shown.
    case mark
    /// Put the text into the clipboard.
    case copy(String)
    /// Write what the user has chosen to his file.
    case save
}

/// What is shown in place of the table.
package enum Panel: Sendable, Equatable {
    case table, help, notices, details, carbon, sorts, columns, copies
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
    /// Readings between the newest and the one that is shown; only while paused.
    package var stepsBack = 0
    package var average = Average.tenSeconds
    package var panel = Panel.table
    /// The first line of a panel that is read, or the chosen one of a menu.
    package var panelRow = 0
    /// What is looked for in the help.
    package var search = ""
    /// True while keys go into ``search``.
    package var isSearching = false
    /// Workloads whose cgroup is gone, until the agent forgets them.
    package var showsEnded = false
    /// Rows that use next to nothing.
    package var showsSmall = false
    /// Figures since the mark in place of those since the agent started.
    package var sinceMark = false
    /// Those that the user has chosen; nil: those that fit.
    package var columns: [Column]?
    /// Rows that are folded where they would not be, or the other way round.
    package var toggled: Set<String> = []
    /// The row that the cursor stays on until it is moved.
    package var followed: String?
    package var order = RowOrder()
    /// Nil: as many rows as there are.
    package var limit: Int?
    /// Time between two refreshes, s.
    package var interval: Double
    /// A line of the footer about what a key has done; until the next key.
    package var remark: String?

    /// Index of the selected row; only ``fit(_:visibleRows:)`` knows how many there are.
    package var selected = 0
    /// Index of the first row shown.
    package var scroll = 0
    /// The selected row, as of the last ``fit(_:visibleRows:)``.
    package var current: Row?
    /// Rows on a page, as of then.
    var page = 10
    /// Lines of the table above the first row, as of then: for clicks.
    var firstRowLine = 0
    /// Once the user has moved the selection it stays on its row when the order changes; before, it stays on top.
    var isPinned = false
    var pinnedId: String?

    package init(
        grouping: Grouping = .all, sort: SortKey = .watts, filter: String = "", limit: Int? = nil, interval: Double = 1
    ) {
        self.grouping = grouping
        self.sort = sort
        self.filter = filter
        self.limit = limit
        self.interval = interval
    }

    /// Whether the rows below `row` are hidden: those of workloads are shown until they are folded, processes the other
    /// way round, which is what ``Row/Fold/closed`` says of a row that was not toggled.
    func isFolded(_ row: Row) -> Bool { row.kind != "process" && row.isParent && toggled.contains(row.id) }

    /// Brings selection and scroll in line with the rows there are; `visibleRows` of them can be seen.
    package mutating func fit(_ rows: [Row], visibleRows: Int) {
        page = max(1, visibleRows)
        if let id = followed ?? pinnedId, let index = rows.firstIndex(where: { $0.id == id }) {
            selected = index
        }
        selected = max(0, min(selected, rows.count - 1))
        pinnedId = isPinned && !rows.isEmpty ? rows[selected].id : nil
        current = rows.isEmpty ? nil : rows[selected]
        scroll = min(max(scroll, selected - page + 1), selected)
        scroll = max(0, min(scroll, rows.count - page))
    }

    mutating func move(by rows: Int) {
        let (sum, isTooFar) = selected.addingReportingOverflow(rows)
        selected = max(0, isTooFar ? .max : sum)
        (isPinned, pinnedId, followed) = (true, nil, nil)
    }

    mutating func goHome() {
        (selected, scroll, isPinned, pinnedId) = (0, 0, false, nil)
    }

    mutating func setSort(_ key: SortKey) {
        sort = key
        isReversed = false
    }

    mutating func stepSort(by columns: Int) {
        let all = SortKey.allCases
        let index = (all.firstIndex(of: sort) ?? 0) + columns
        setSort(all[max(0, min(index, all.count - 1))])
    }

    mutating func setGrouping(_ new: Grouping) {
        grouping = new
        order = RowOrder()
        goHome()
    }

    mutating func cycleGrouping(by steps: Int) {
        let index = (groupings.firstIndex(of: grouping) ?? 0) + steps + groupings.count
        setGrouping(groupings[index % groupings.count])
    }

    mutating func setFilter(_ text: String) {
        filter = String(text.prefix(RowFilterParser.longest))
        goHome()
    }
}

extension TopModel {
    /// Takes one key. Anything unknown does nothing.
    package mutating func handle(_ key: Key) -> TopAction {
        remark = nil
        switch key {
        case .control("c"): return .quit
        case .control("z"): return .suspend
        default: break
        }
        if isEditingFilter { return edit(key) }
        if isSearching { return editSearch(key) }
        switch panel {
        case .table: return onTable(key)
        case .help, .notices, .details, .carbon: return onPage(key)
        case .sorts, .columns, .copies: return onMenu(key)
        }
    }

    private mutating func onTable(_ key: Key) -> TopAction {
        switch key {
        case .up, .character("k"), .control("p"): move(by: -1)
        case .down, .character("j"), .control("n"): move(by: 1)
        case .pageUp, .control("b"): move(by: -page)
        case .pageDown, .control("f"): move(by: page)
        case .control("u"): move(by: -max(1, page / 2))
        case .control("d"): move(by: max(1, page / 2))
        case .home, .character("g"):
            followed = nil
            goHome()
        case .end, .character("G"): move(by: .max)
        case .left: setFolded(true)
        case .right: setFolded(false)
        case .tab, .backTab: cycleGrouping(by: key == .tab ? 1 : -1)
        case .enter: if current != nil { open(.details) }
        case .escape: escape()
        case .control("l"): break
        case .mouse(let event): onMouse(event)
        case .character(let character): return onTable(character)
        default: return .none
        }
        return .redraw
    }

    private mutating func onTable(_ character: Character) -> TopAction {
        switch character {
        case "q": return .quit
        case "W": setSort(.watts)
        case "C": setSort(.cpu)
        case "J": setSort(.joules)
        case "N": setSort(.name)
        case "<", ",": stepSort(by: -1)
        case ">", ".": stepSort(by: 1)
        case "r": isReversed.toggle()
        case "s": open(.sorts, at: SortKey.allCases.firstIndex(of: sort) ?? 0)
        case "v": open(.columns)
        case "y": if current != nil { open(.copies) }
        case "1"..."9":
            guard let number = character.wholeNumberValue, number <= groupings.count else { return .none }
            setGrouping(groupings[number - 1])
        case "/": isEditingFilter = true
        case "e": showsEnded.toggle()
        case "z": showsSmall.toggle()
        case "t":
            average = Average.allCases[((Average.allCases.firstIndex(of: average) ?? 0) + 1) % Average.allCases.count]
        case "f", "F": toggleFollow()
        case "m": return .mark
        case "M": sinceMark.toggle()
        case "h", "?": open(.help)
        case "!": open(.notices)
        case "c": open(.carbon)
        case "*": toggled = []
        default: return onTime(character)
        }
        return .redraw
    }

    /// Pause, looking back, and the interval.
    private mutating func onTime(_ character: Character) -> TopAction {
        switch character {
        case "p", " ", "Z":
            isPaused.toggle()
            stepsBack = 0
        case "[": return lookBack(by: 1)
        case "]": return lookBack(by: -1)
        case "{": return lookBack(by: 30)
        case "}": return lookBack(by: -30)
        case "+", "=": interval = Self.intervals.first { $0 > interval } ?? max(interval, 60)
        case "-", "_": interval = Self.intervals.last { $0 < interval } ?? min(interval, 0.2)
        default: return .none
        }
        return .reschedule
    }

    private mutating func lookBack(by steps: Int) -> TopAction {
        let wasPaused = isPaused
        isPaused = true
        stepsBack = max(0, stepsBack + steps)
        return wasPaused ? .redraw : .reschedule
    }

    /// One thing at a time: what the user sees last goes first.
    private mutating func escape() {
        if followed != nil {
            followed = nil
        } else if !filter.isEmpty {
            setFilter("")
        } else {
            sinceMark = false
        }
    }

    private mutating func open(_ new: Panel, at row: Int = 0) {
        (panel, panelRow, search) = (new, row, "")
    }

    private mutating func toggleFollow() {
        guard followed == nil, let current else {
            followed = nil
            return
        }
        followed = current.id
        remark = "following \(current.name): the cursor stays on it until it is moved"
    }

    private mutating func setFolded(_ isFolded: Bool) {
        guard let current, grouping == .all, filter.isEmpty, current.fold == (isFolded ? .open : .closed) else {
            return
        }
        if toggled.remove(current.id) == nil { toggled.insert(current.id) }
        (isPinned, pinnedId) = (true, current.id)
    }

    /// The wheel moves the cursor, a click puts it on a row, a click on the row of the cursor opens it.
    private mutating func onMouse(_ event: MouseEvent) {
        switch event.kind {
        case .wheelUp: move(by: -3)
        case .wheelDown: move(by: 3)
        case .press:
            let row = event.row - firstRowLine
            guard row >= 0, row < page else { return }
            if scroll + row == selected, current != nil { return open(.details) }
            move(by: scroll + row - selected)
        }
    }

    private mutating func edit(_ key: Key) -> TopAction {
        switch key {
        case .enter: isEditingFilter = false
        case .escape:
            isEditingFilter = false
            setFilter("")
        default:
            guard let text = Self.edited(filter, key) else { return .none }
            setFilter(text)
        }
        return .redraw
    }

    private mutating func editSearch(_ key: Key) -> TopAction {
        switch key {
        case .enter: isSearching = false
        case .escape: (isSearching, search) = (false, "")
        default:
            guard let text = Self.edited(search, key) else { return .none }
            (search, panelRow) = (String(text.prefix(Self.longestSearch)), 0)
        }
        return .redraw
    }

    private static let longestSearch = 64

    /// `text` after one key; nil for a key that does not change it.
    private static func edited(_ text: String, _ key: Key) -> String? {
        switch key {
        case .backspace: return String(text.dropLast())
        case .control("u"): return ""
        case .control("w"):
            let words = text.reversed().drop { $0 == " " }.drop { $0 != " " }
            return String(String(words.reversed()))
        case .character(let character): return text + String(character)
        default: return nil
        }
    }

    /// Help, notices, details and carbon: they scroll, and any other key closes them.
    private mutating func onPage(_ key: Key) -> TopAction {
        switch key {
        case .up, .character("k"), .control("p"): panelRow -= 1
        case .down, .character("j"), .control("n"): panelRow += 1
        case .pageUp, .control("b"), .control("u"): panelRow -= max(1, page)
        case .pageDown, .character(" "), .control("f"), .control("d"): panelRow += max(1, page)
        case .home, .character("g"): panelRow = 0
        case .end, .character("G"): panelRow = .max / 2
        case .mouse(let event):
            if event.kind == .press { panel = .table }
            panelRow += event.kind == .wheelUp ? -3 : 3
        case .character("q") where panel != .details: return .quit
        case .character("y") where panel == .details: open(.copies)
        case .character("/") where panel == .help: isSearching = true
        case .escape where !search.isEmpty: search = ""
        default: panel = .table
        }
        panelRow = max(0, panelRow)
        return .redraw
    }
}

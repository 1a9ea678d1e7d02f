/// Menus: a list with a cursor, from which a key or Enter chooses.
extension TopModel {
    /// What the open menu has to choose from.
    var menu: [MenuItem] {
        switch panel {
        case .sorts:
            SortKey.allCases.map { MenuItem(title: $0.title, isOn: $0 == sort) }
        case .columns:
            Column.choosable.map {
                MenuItem(title: $0.help, isOn: columns?.contains($0) ?? Column.standard.contains($0))
            }
                + [MenuItem(title: "those that fit, chosen by energyctl", isOn: columns == nil)]
        case .copies:
            current.map(RowText.all)?.map { MenuItem(title: "\($0.title)  \($0.text)", isOn: false, text: $0.text) }
                ?? []
        case .table, .help, .notices, .details, .carbon: []
        }
    }

    mutating func onMenu(_ key: Key) -> TopAction {
        let count = menu.count
        switch key {
        case .up, .character("k"), .control("p"): panelRow -= 1
        case .down, .character("j"), .control("n"): panelRow += 1
        case .home, .character("g"): panelRow = 0
        case .end, .character("G"): panelRow = count - 1
        case .enter, .character(" "): return choose(panelRow)
        case .character(let character) where character.isASCII && character.isNumber:
            guard let number = character.wholeNumberValue, number >= 1, number <= count else { return .none }
            return choose(number - 1)
        case .mouse(let event): panelRow += event.kind == .wheelUp ? -1 : event.kind == .wheelDown ? 1 : 0
        case .escape, .character("q"), .character("v"), .character("s"), .character("y"): panel = .table
        default: return .none
        }
        panelRow = max(0, min(panelRow, count - 1))
        return .redraw
    }

    private mutating func choose(_ index: Int) -> TopAction {
        panelRow = index
        switch panel {
        case .sorts:
            setSort(SortKey.allCases[index])
            panel = .table
            return .save
        case .columns:
            choose(column: index)
            return .save
        case .copies:
            let texts = current.map(RowText.all) ?? []
            panel = .table
            guard texts.indices.contains(index) else { return .redraw }
            remark = "copied: \(texts[index].text)"
            return .copy(texts[index].text)
        case .table, .help, .notices, .details, .carbon: return .none
        }
    }

    private mutating func choose(column index: Int) {
        guard Column.choosable.indices.contains(index) else {
            columns = nil
            return
        }
        let column = Column.choosable[index]
        var chosen = Set(columns ?? Column.standard)
        if chosen.remove(column) == nil { chosen.insert(column) }
        columns = Column.choosable.filter(chosen.contains)
    }
}

/// A line of a menu.
struct MenuItem: Equatable {
    var title: String
    var isOn: Bool
    /// What is copied.
    var text = ""
}

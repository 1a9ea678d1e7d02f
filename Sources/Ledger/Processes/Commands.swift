internal import Impact

/// Sums over the processes of one name in one workload. They only ever grow, also when processes exit.
package struct Commands {
    package struct Command {
        package let workloadKey: String
        package let name: String
        package fileprivate(set) var totals = Totals()
        /// False for a place that waits for its next command.
        package fileprivate(set) var isShown = true
    }

    private struct Key: Hashable {
        let workload: String
        let name: String
    }

    private var commands: [Command] = []
    private var byKey: [Key: Int] = [:]
    private var free: [Int] = []
    private var active = ChangeSet()
    /// See ``Ledger/time``.
    var time = 0.0
    /// Commands by place since the last ``forgetChanges()``.
    package private(set) var changes = ChangeSet()

    /// Any user chooses names of processes: where there are more, those that do not run are added up per workload.
    private static let limit = 1000
    private static let otherNames = "(other)"

    package subscript(place: Int) -> Command { commands[place] }

    /// Places of the commands that are shown. O(commands).
    package var places: some Sequence<Int> { commands.indices.lazy.filter { commands[$0].isShown } }

    /// The command of a name. O(1), but where there are too many names.
    mutating func place(workload: String, name: String) -> Int {
        if let place = byKey[Key(workload: workload, name: name)] { return place }
        let hasRoom = byKey.count < Self.limit
        let key = Key(workload: workload, name: hasRoom ? name : Self.otherNames)
        if let place = byKey[key] { return place }
        return insert(Command(workloadKey: workload, name: key.name, totals: Totals(since: time)))
    }

    /// True where a place has the command of that name.
    func isOf(_ place: Int, _ workload: String, _ name: String) -> Bool {
        commands[place].isShown && commands[place].name == name && commands[place].workloadKey == workload
    }

    /// Changes the totals of a command within the present window.
    mutating func change(_ place: Int, _ change: (inout Totals) -> Void) {
        active.insert(place, .totals)
        changes.insert(place, .totals)
        change(&commands[place].totals)
    }

    mutating func beginWindow() {
        if byKey.count >= Self.limit { foldQuietCommands() }
        for place in active.places {
            commands[place].totals.beginWindow()
            if commands[place].isShown { changes.insert(place, .rates) }
        }
        active.removeAll()
    }

    mutating func endWindow(_ rates: Rates) {
        for place in active.places { commands[place].totals.endWindow(rates) }
    }

    mutating func forgetChanges() { changes.removeAll() }

    private mutating func foldQuietCommands() {
        for place in commands.indices
        where commands[place].isShown && commands[place].totals.windowNanoseconds == 0
            && commands[place].name != Self.otherNames
        {
            let totals = commands[place].totals
            let other = Key(workload: commands[place].workloadKey, name: Self.otherNames)
            remove(place)
            let heir =
                byKey[other]
                ?? insert(Command(workloadKey: other.workload, name: other.name, totals: Totals(since: time)))
            commands[heir].totals.inherit(totals)
            changes.insert(heir, .totals)
        }
    }

    /// Drops the commands of workloads that are no longer shown. O(commands).
    mutating func retire(keeping tree: WorkloadTree) {
        for place in commands.indices
        where commands[place].isShown && tree.id(ofKey: commands[place].workloadKey) == nil {
            remove(place)
        }
    }

    private mutating func insert(_ command: Command) -> Int {
        let place = free.popLast() ?? commands.endIndex
        if place == commands.endIndex { commands.append(command) } else { commands[place] = command }
        byKey[Key(workload: command.workloadKey, name: command.name)] = place
        changes.insert(place, [.totals, .description])
        return place
    }

    private mutating func remove(_ place: Int) {
        byKey[Key(workload: commands[place].workloadKey, name: commands[place].name)] = nil
        commands[place].isShown = false
        commands[place].totals = Totals()
        changes.insert(place, .description)
        free.append(place)
    }

    // MARK: State file

    /// Every command, as the state file has it.
    package func saved() -> [LedgerState.Command] {
        commands.lazy.filter(\.isShown).map {
            LedgerState.Command(workload: $0.workloadKey, name: $0.name, totals: $0.totals)
        }
    }

    /// Takes up the commands of an earlier run; its processes begin anew.
    package mutating func restore(_ saved: [LedgerState.Command]) {
        for command in saved {
            let place =
                byKey[Key(workload: command.workload, name: command.name)]
                ?? insert(Command(workloadKey: command.workload, name: command.name))
            commands[place].totals = command.totals
        }
    }

    /// Traps where commands contradict each other. For tests.
    package func _checkInvariants() {
        for (place, command) in commands.enumerated() {
            let key = Key(workload: command.workloadKey, name: command.name)
            precondition(command.isShown ? byKey[key] == place : free.contains(place), "\(key) cannot be looked up")
        }
        precondition(byKey.count == commands.count { $0.isShown })
        let workloads = Set(byKey.keys.map(\.workload))
        precondition(byKey.count <= Self.limit + workloads.count, "commands grow without bound")
    }
}

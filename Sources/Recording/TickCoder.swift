import Accounting
import Engine
import Linux
import Names
import Workloads

/// The form of ticks in a recording: what changed since the tick before.
struct TickCoder {
    typealias Malformed = RecordCoder.Malformed

    var coder: RecordCoder
    private var samples = SampleCoder()
    private var meters = MeterCoder()
    /// Last readings, ns, ns and ms.
    private var lastAwake: Int64 = 0
    private var lastElapsed: Int64 = 0
    private var lastUnixTime: Int64 = 0
    private var tier = Tier(.procfs, reason: "", isDegraded: false)
    private var nameStates: [NameFeed.State] = []
    private var logs: LogDirectoryState?

    init(_ coder: RecordCoder) {
        self.coder = coder
    }

    mutating func tick(_ tick: inout RecordedTick) throws(Malformed) {
        coder.trim()
        try times(&tick.awake, .nanoseconds, last: \.lastAwake)
        try times(&tick.elapsed, .nanoseconds, last: \.lastElapsed)
        try times(&tick.unixTimes, .milliseconds, last: \.lastUnixTime)
        try codeTier(&tick.tier)
        try samples.optionalSample(&tick.sample, &coder)
        try coder.optional(&tick.failure, blank: "") { (coder, text) throws(Malformed) in try coder.text(&text) }
        try coder.list(&tick.cpuTimes, blank: nil) { (coder, times) throws(Malformed) in
            try coder.optional(&times, blank: CPUTimes(cpus: [], bootUnixTime: nil)) {
                (coder, times) throws(Malformed) in try coder.cpuTimes(&times)
            }
        }
        try coder.list(&tick.ownUsage, blank: OwnUsage(cpuSeconds: 0, residentBytes: nil)) {
            (coder, usage) throws(Malformed) in
            try coder.real(&usage.cpuSeconds)
            try coder.optional(&usage.residentBytes, blank: 0) { (coder, bytes) throws(Malformed) in
                try coder.number(&bytes)
            }
        }
        try meters.meters(&tick.meters, &coder)
        try names(&tick.names)
        try coder.list(&tick.files, blank: RecordedFile()) { (coder, file) throws(Malformed) in
            try coder.file(&file)
        }
        try coder.list(&tick.grounds, blank: RecordedGround()) { (coder, ground) throws(Malformed) in
            try coder.ground(&ground)
        }
        try coder.optional(&tick.digest, blank: 0) { (coder, digest) throws(Malformed) in
            var bits = Double(bitPattern: digest)
            try coder.real(&bits)
            digest = bits.bitPattern
        }
    }

    // MARK: Clock

    /// A unit in which readings of a clock are whole numbers.
    private enum Unit {
        case nanoseconds
        case milliseconds

        func count(_ value: Double) -> Int64? {
            let scaled = (value * (self == .nanoseconds ? 1e9 : 1000)).rounded()
            guard abs(scaled) < 1e18 else { return nil }
            let count = Int64(scaled)
            return seconds(count).bitPattern == value.bitPattern ? count : nil
        }

        /// As ``SystemClock`` computes them.
        func seconds(_ count: Int64) -> Double {
            switch self {
            case .nanoseconds: Double(count / 1_000_000_000) + Double(count % 1_000_000_000) / 1e9
            case .milliseconds: Double(count) / 1000
            }
        }
    }

    private mutating func times(
        _ values: inout [Double], _ unit: Unit, last: WritableKeyPath<Self, Int64>
    ) throws(Malformed) {
        var before = self[keyPath: last]
        try coder.list(&values, blank: 0) { (coder, value) throws(Malformed) in
            let count = unit.count(value)
            var isWhole = count != nil
            try coder.flag(&isWhole)
            guard isWhole else { return try coder.real(&value) }
            var difference = (count ?? 0) &- before
            try coder.signed(&difference)
            before = before &+ difference
            value = unit.seconds(before)
        }
        self[keyPath: last] = before
    }

    private mutating func codeTier(_ value: inout Tier) throws(Malformed) {
        var hasChanged = value != tier
        try coder.flag(&hasChanged)
        if hasChanged {
            var (kind, reason, isDegraded) = (value.kind, value.reason, value.isDegraded)
            try coder.named(&kind)
            try coder.text(&reason)
            try coder.flag(&isDegraded)
            tier = Tier(kind, reason: reason, isDegraded: isDegraded)
        }
        value = tier
    }

    // MARK: Names

    private mutating func names(_ names: inout RecordedNames) throws(Malformed) {
        try coder.list(&names.changes, blank: .refuse(0)) { (coder, change) throws(Malformed) in
            try coder.change(&change)
        }
        var hasChanged = names.states != nameStates || names.logs != logs
        try coder.flag(&hasChanged)
        if hasChanged {
            try coder.list(&names.states, blank: NameFeed.State(name: "")) { (coder, state) throws(Malformed) in
                var name = state.name
                try coder.text(&name)
                try coder.flag(&state.isUp)
                try coder.number(&state.errors)
                try coder.optional(&state.lastError, blank: "") { (coder, text) throws(Malformed) in
                    try coder.text(&text)
                }
                state = NameFeed.State(
                    name: name, isUp: state.isUp, errors: state.errors, lastError: state.lastError)
            }
            try coder.optional(&names.logs, blank: LogDirectoryState()) { (coder, state) throws(Malformed) in
                try coder.optional(&state.problem, blank: "") { (coder, text) throws(Malformed) in
                    try coder.text(&text)
                }
                try coder.flag(&state.isMissing)
                try coder.number(&state.errors)
            }
            (nameStates, logs) = (names.states, names.logs)
        }
        (names.states, names.logs) = (nameStates, logs)
        try coder.flag(&names.isGuessing)
        try coder.list(&names.onlyContainers, blank: RecordedNames.OnlyContainer()) {
            (coder, answer) throws(Malformed) in
            try coder.text(&answer.pod)
            try coder.optional(&answer.name, blank: "") { (coder, text) throws(Malformed) in try coder.text(&text) }
        }
    }
}

extension RecordCoder {
    fileprivate mutating func change(_ change: inout NameTable.Change) throws(Malformed) {
        var (kind, key, source) = (0, NameKey(kind: .cgroup, id: ""), NameSource.guess)
        var (facts, id, count): ([String: String], String, UInt64) = ([:], "", 0)
        switch change {
        case .set(let setKey, let setFacts, let setID, let setSource):
            (kind, key, facts, id, source) = (0, setKey, setFacts, setID, setSource)
        case .remove(let removedKey, let removedSource): (kind, key, source) = (1, removedKey, removedSource)
        case .touch(let touchedKey): (kind, key) = (2, touchedKey)
        case .refuse(let refused): (kind, count) = (3, refused)
        }
        try small(&kind)
        if kind < 3 { try self.key(&key) }
        if kind < 2 {
            var number = source.rawValue
            try small(&number)
            guard let known = NameSource(rawValue: number) else { throw Malformed() }
            source = known
        }
        switch kind {
        case 0:
            try attributes(&facts)
            try text(&id)
            change = .set(key, facts: facts, id: id, source)
        case 1: change = .remove(key, source)
        case 2: change = .touch(key)
        case 3:
            try number(&count)
            change = .refuse(count)
        default: throw Malformed()
        }
    }

    private mutating func key(_ key: inout NameKey) throws(Malformed) {
        let kinds = NameKey.Kind.allCases
        var number = kinds.firstIndex(of: key.kind) ?? 0
        try small(&number)
        guard number < kinds.count else { throw Malformed() }
        var id = key.id
        try text(&id)
        key = NameKey(kind: kinds[number], id: id)
    }

    fileprivate mutating func cpuTimes(_ times: inout CPUTimes) throws(Malformed) {
        let blank = ProcStat.CPU(number: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0)
        try list(&times.cpus, blank: blank) { (coder, cpu) throws(Malformed) in
            try coder.small(&cpu.number)
            try coder.real(&cpu.idle)
            try coder.real(&cpu.iowait)
            try coder.real(&cpu.irq)
            try coder.real(&cpu.softirq)
            try coder.real(&cpu.steal)
        }
        try optional(&times.bootUnixTime, blank: 0) { (coder, time) throws(Malformed) in try coder.real(&time) }
    }

    fileprivate mutating func file(_ file: inout RecordedFile) throws(Malformed) {
        try text(&file.directory)
        let none = Result<CgroupCPUStat, HostError>.success(CgroupCPUStat(usageMicroseconds: 0))
        try optional(&file.stat, blank: none) { (coder, stat) throws(Malformed) in try coder.result(&stat) }
        try optional(&file.pressure, blank: [:]) { (coder, pressure) throws(Malformed) in
            try coder.amounts(&pressure)
        }
    }

    private mutating func result(_ result: inout Result<CgroupCPUStat, HostError>) throws(Malformed) {
        var (stat, error) = (CgroupCPUStat(usageMicroseconds: 0), HostError(code: .missing, path: "", detail: ""))
        var isRead = true
        switch result {
        case .success(let read): stat = read
        case .failure(let failure): (isRead, error) = (false, failure)
        }
        try flag(&isRead)
        guard isRead else {
            try self.error(&error)
            result = .failure(error)
            return
        }
        try number(&stat.usageMicroseconds)
        try optional(&stat.throttledPeriods, blank: 0) { (coder, count) throws(Malformed) in
            try coder.number(&count)
        }
        try optional(&stat.throttledMicroseconds, blank: 0) { (coder, count) throws(Malformed) in
            try coder.number(&count)
        }
        result = .success(stat)
    }

    mutating func error(_ error: inout HostError) throws(Malformed) {
        var (code, number): (Int, Int64) = (0, 0)
        switch error.code {
        case .missing: code = 0
        case .permission: code = 1
        case .malformed: code = 2
        case .other(let errno): (code, number) = (3, Int64(errno))
        }
        try small(&code)
        try signed(&number)
        var (path, detail) = (error.path, error.detail)
        try text(&path)
        try text(&detail)
        guard let errno = Int32(exactly: number), code < 4 else { throw Malformed() }
        let codes: [HostError.Code] = [.missing, .permission, .malformed, .other(errno)]
        error = HostError(code: codes[code], path: path, detail: detail)
    }

    fileprivate mutating func ground(_ ground: inout RecordedGround) throws(Malformed) {
        try text(&ground.path)
        try optional(&ground.ground, blank: nil) { (coder, found) throws(Malformed) in
            try coder.optional(&found, blank: UserGround(depth: 0, user: nil)) { (coder, place) throws(Malformed) in
                var (depth, user) = (place.depth, place.user.map { UInt64($0) })
                try coder.small(&depth)
                try coder.optional(&user, blank: 0) { (coder, number) throws(Malformed) in try coder.number(&number) }
                guard user.map({ $0 <= UInt32.max }) ?? true else { throw Malformed() }
                place = UserGround(depth: depth, user: user.map { UInt32($0) })
            }
        }
        try optional(&ground.isShared, blank: false) { (coder, flag) throws(Malformed) in try coder.flag(&flag) }
    }
}

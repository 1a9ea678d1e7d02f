internal import Metering

/// What is known of each chassis that a BMC lists, and when those that could not be read are tried again. Pure: time
/// comes from the caller.
struct ChassisTable: Sendable {
    /// A chassis as it was read.
    struct Answer: Sendable {
        var chassis: RedfishChassis
        /// Its power, W, and where that was found; nil where it reported none.
        var power: (watts: Double, source: RedfishSource)?
        /// Sources that could not be read, in words.
        var faults: [String] = []
        /// True where one of them failed for the moment, so that the power may be known later.
        var isInterrupted = false
    }

    private struct Member: Sendable {
        var isBeingRead = false
        /// As it was last read, and why it could not be the last time.
        var chassis: RedfishChassis?
        var fault: String?
        /// The service says that there is no such chassis, or that it is not for this account.
        var isClosed = false
        var power: (watts: Double, source: RedfishSource)?
        var faults: [String] = []
        var isInterrupted = false
        /// Attempts in a row that brought no power.
        var failures = 0
        var due = 0.0

        var isNew: Bool { failures == 0 && chassis == nil }

        /// True where its power may be known later.
        var isAwaited: Bool { !isClosed && power == nil && (chassis == nil || isInterrupted) }
    }

    private let order: [String]
    private var members: [String: Member]
    private let systems: [RedfishSystem]
    private let uuid: String?
    private let remarksOfListing: [String]
    /// Where the power of chassis was found, by path, in this search and in those before it: what is reported elsewhere may
    /// be of something else.
    private(set) var places: [String: RedfishSource] = [:]

    /// At most so many are read at a time: BMCs are small machines.
    static let mostAtOnce = 4
    private static let firstRetry = 60.0
    private static let longestRetry = 3600.0
    /// Of one that answers and reports no power: its controller may be starting.
    private static let longestSilence = 600.0

    init(_ paths: [String] = [], systems: [RedfishSystem] = [], uuid: String? = nil, remarks: [String] = []) {
        order = paths
        members = Dictionary(uniqueKeysWithValues: paths.map { ($0, Member()) })
        self.systems = systems
        self.uuid = uuid
        remarksOfListing = remarks
    }

    var isEmpty: Bool { order.isEmpty }

    /// Takes over where the power was found, by path.
    mutating func remember(_ places: [String: RedfishSource]) {
        self.places.merge(places) { $1 }
    }

    /// True while a chassis has not been read for the first time.
    var isIncomplete: Bool { members.values.contains(where: \.isNew) }

    /// The chassis to read now, each with the time that it may take; they count as being read from here on.
    ///
    /// - Parameter now: s, on a clock that never steps.
    mutating func takeDue(at now: Double) -> [(path: String, patience: Duration)] {
        var busy = members.values.count(where: \.isBeingRead)
        var taken: [(path: String, patience: Duration)] = []
        for path in order where busy < Self.mostAtOnce {
            // One that reported no power may do so later.
            guard let member = members[path], !member.isBeingRead, member.power == nil, now >= member.due else {
                continue
            }
            members[path]?.isBeingRead = true
            // The second attempt holds nothing up, and some controllers do answer late.
            taken.append((path, .seconds(member.failures == 0 ? 15 : 60)))
            busy += 1
        }
        return taken
    }

    mutating func finish(_ path: String, _ answer: Result<Answer, RedfishFault>, at now: Double) {
        guard var member = members[path] else { return }
        member.isBeingRead = false
        switch answer {
        case .success(let answer):
            (member.chassis, member.power, member.faults) = (answer.chassis, answer.power, answer.faults)
            (member.isInterrupted, member.isClosed) = (answer.isInterrupted, false)
            if let source = answer.power?.source { places[path.withoutSlash] = source }
            member.fault = nil
        case .failure(let fault):
            member.fault = fault.diagnosis.finding
            member.isClosed = fault.kind != .other
        }
        if member.power == nil {
            let pause = Self.firstRetry * Double(1 << min(member.failures, 10))
            member.due = now + min(pause, member.fault == nil ? Self.longestSilence : Self.longestRetry)
            member.failures += 1
        } else {
            member.failures = 0
        }
        members[path] = member
    }

    /// The chassis that could be read.
    private var known: [RedfishChassis] { order.compactMap { members[$0]?.chassis } }

    private var powers: [String: (watts: Double, source: RedfishSource)] {
        members.values.reduce(into: [:]) { powers, member in
            if let chassis = member.chassis { powers[chassis.path] = member.power }
        }
    }

    func chassis(_ path: String) -> RedfishChassis? { known.first { $0.path == path } }

    func select() -> Result<RedfishSelection, RedfishSelection.Refusal> {
        let powers = powers
        return RedfishSelection.select(
            among: known, watts: powers.mapValues(\.watts), sums: Set(powers.filter(\.value.source.isSum).keys),
            systems: systems, awaited: awaited, uuid: uuid)
    }

    private var awaited: Set<String> { Set(members.lazy.filter(\.value.isAwaited).map(\.key.withoutSlash)) }

    /// What was skipped, and why, in words that do not change from reading to reading.
    func remarks(_ selection: RedfishSelection?) -> [String] {
        var remarks = remarksOfListing
        for path in order {
            guard let member = members[path] else { continue }
            if member.isNew, member.isBeingRead { remarks.append("skipped \(path) for now: it has not answered yet") }
            remarks += ([member.fault].compactMap(\.self) + member.faults).map { "skipped \($0)" }
        }
        let others = known.filter { powers[$0.path] != nil && $0.path != selection?.path }
        if let selection {
            let names = others.map { $0.path + ($0.type.map { " (\($0))" } ?? "") }
            if !names.isEmpty { remarks.append("reads \(selection.path), not \(names.joined(separator: ", "))") }
            if selection.isGuess {
                remarks.append("nothing confirms that \(selection.path) is this node, and all of it: check it")
            }
        }
        return remarks
    }
}

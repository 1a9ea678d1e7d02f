internal import Attribution
internal import Units

/// `host`: a powercap-like tree that another machine serves, and which may therefore never answer.
///
/// Another process reads it. This one asks once per window and waits for a moment only, and not at all as long as an
/// answer is outstanding. Energy that is reported afterwards belongs to the gap.
struct ShareSource: PowerSource {
    typealias Opener = @Sendable () throws(Diagnosis) -> any ShareChannel

    let name = "host"
    private let place: String
    private let open: Opener
    private var counters: ZoneCounters
    /// nil while there is no reader to ask.
    private var channel: (any ShareChannel)?
    /// Readers that were given up, for as long as they exist: a system call that hangs cannot be ended.
    private var stuck: [any ShareChannel] = []
    /// When the answer was asked for that is outstanding; nil for none.
    private var askedAt: Seconds?
    /// In this window.
    private var hasAsked = false
    /// An answer to what an earlier window asked for.
    private var late: PowercapReading?
    /// False where the share takes too long to be waited for.
    private var isPrompt = true
    /// Time of the last answer; before the first, of the first window.
    private var lastHeard: Seconds?
    private var nextStart = 0.0

    /// How long a window may wait for its answer, s: counters that are read when the CPUs' are describe the same moment.
    private static let patience = 0.05
    /// The same for the process to start, s.
    private static let startPatience = 0.5
    /// A share that was mounted anew answers a new reader only, s.
    private static let longestSilence = 60.0
    private static let startInterval = 10.0
    private static let mostStuck = 3

    /// Throws why the share cannot be read, where it says so in time.
    ///
    /// - Parameters:
    ///   - place: the share's directory, for messages.
    ///   - open: starts a reader.
    init(place: String, open: @escaping Opener) throws(Diagnosis) {
        self.place = place
        self.open = open
        counters = ZoneCounters(source: name)
        let channel = try open()
        self.channel = channel
        channel.ask()
        if let reading = channel.answer(within: Self.startPatience) {
            if let refusal = reading.refusal { throw refusal }
            counters.adopt(reading)
        } else {
            askedAt = Seconds(0)
            isPrompt = false
        }
    }

    var health: SourceHealth { counters.health }

    var zones: [Zone] { counters.zones }

    var stillZones: [ZoneID: String] { counters.stillZones }

    mutating func sample(at now: Seconds) {
        if lastHeard == nil {
            lastHeard = now
            if askedAt != nil { askedAt = now }
        }
        guard !hasAsked else { return }
        hasAsked = true
        if askedAt != nil, let reading = answer(within: 0) { late = reading }
        renewIfNeeded(at: now)
        guard let channel, askedAt == nil else { return }
        channel.ask()
        askedAt = now
    }

    mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        hasAsked = false
        defer { late = nil }
        guard let reading = answer(within: isPrompt ? Self.patience : 0) ?? late else {
            isPrompt = false
            let silence = now.value - (lastHeard ?? now).value
            counters.health.fail(
                "\(place) has not answered for \(Int(silence.rounded())) s: the file system that serves it hangs or is slow"
            )
            return []
        }
        lastHeard = now
        isPrompt = reading.duration <= Self.patience
        if let refusal = reading.refusal {
            counters.health.fail(refusal.description)
            return []
        }
        let age = max(0, (channel?.now ?? reading.time) - reading.time)
        counters.take(reading, at: Seconds(now.value - age))
        return counters.report(activity, at: now)
    }

    /// The answer that is outstanding.
    private mutating func answer(within seconds: Double) -> PowercapReading? {
        guard askedAt != nil, let reading = channel?.answer(within: seconds) else { return nil }
        askedAt = nil
        return reading
    }

    /// Starts another reader where this one has ended, or has been silent for so long that it may be reading a file system
    /// that is no longer the one at this place.
    private mutating func renewIfNeeded(at now: Seconds) {
        if let channel, channel.hasEnded || askedAt.map({ now.value - $0.value >= Self.longestSilence }) ?? false {
            channel.end()
            stuck.append(channel)
            self.channel = nil
            askedAt = nil
        }
        guard channel == nil, now.value >= nextStart else { return }
        nextStart = now.value + Self.startInterval
        stuck.removeAll { !$0.exists }
        if stuck.count < Self.mostStuck { channel = try? open() }
    }
}

internal import Linux
internal import Synchronization

/// Decides who may read: by passwords and tokens, without a hint of which of them was nearly right.
final class AccessControl: Sendable {
    enum Decision: Equatable {
        case granted
        /// Nobody, or somebody else than is allowed.
        case refused
        /// Too many were wrong; again after so many seconds.
        case later(Int)
    }

    /// What is in force.
    struct Rules: Sendable {
        var users: [String: String] = [:]
        /// Each of them lets in.
        var tokens: [[UInt8]] = []
        /// True where Kubernetes is asked about tokens.
        var asksKubernetes = false

        /// True where anybody may read.
        var isOpen: Bool { users.isEmpty && tokens.isEmpty && !asksKubernetes }
    }

    private struct State {
        var rules = Rules()
        /// Credentials that were right, since the rules came into force: bcrypt is slow on purpose, and scrapers come
        /// often.
        var known: Set<String> = []
        var attempts = LoginAttempts()
    }

    private let state = Mutex(State())
    private let reviewer: (any TokenReviewer)?
    private let work: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant

    private static let mostKnown = 1000
    /// Larger ones are none.
    private static let largestCredentials = 16 << 10
    /// Of no password: a user who does not exist takes as long as one who does.
    private static let stranger = "$2b$10$abcdefghijklmnopqrstuuAlcjF2F40fmWzJ2Pn9p3dVN5Xbq9gSK"

    /// - Parameters:
    ///   - reviewer: asks Kubernetes about tokens; nil where it is not asked.
    ///   - work: where passwords are compared.
    init(
        _ rules: Rules = Rules(), reviewer: (any TokenReviewer)? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        work: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.reviewer = reviewer
        self.work = work
        self.now = now
        state.withLock { $0.rules = rules }
    }

    /// Others are in force from here on.
    func replace(_ rules: Rules) {
        state.withLock { state in
            state.rules = rules
            state.known = []
        }
    }

    var isOpen: Bool { state.withLock { $0.rules.isOpen } }
    /// What a client without credentials is told to bring, for the header `WWW-Authenticate`.
    var challenge: String {
        state.withLock {
            $0.rules.users.isEmpty ? "Bearer realm=\"energyd\"" : "Basic realm=\"energyd\", charset=\"UTF-8\""
        }
    }

    /// - Parameters:
    ///   - authorization: the header; nil for none.
    ///   - client: whose failed attempts are counted together.
    ///   - path: what is asked for, for Kubernetes' own rules.
    func decide(_ authorization: String?, from client: String, for path: String) async -> Decision {
        let moment = now()
        let (rules, isKnown, pause) = state.withLock { state in
            let isKnown = authorization.map(state.known.contains) ?? false
            return (state.rules, isKnown, isKnown ? nil : state.attempts.pause(for: client, at: moment))
        }
        if rules.isOpen || isKnown { return .granted }
        if let pause { return .later(pause) }
        // No attempt: a browser asks so before it knows that a password is needed.
        guard let authorization, authorization.utf8.count <= Self.largestCredentials else { return .refused }
        let isRight = await check(authorization, rules, path)
        state.withLock { state in
            state.attempts.note(isRight: isRight.isRight, by: client, at: moment)
            guard isRight.isRight, isRight.lasts, state.known.count < Self.mostKnown else { return }
            state.known.insert(authorization)
        }
        return isRight.isRight ? .granted : .refused
    }

    /// Whether credentials are right, and remain so until the rules change.
    private func check(_ authorization: String, _ rules: Rules, _ path: String) async -> (isRight: Bool, lasts: Bool) {
        let parts = authorization.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return (false, false) }
        switch parts[0].lowercased() {
        case "basic":
            guard let pair = Base64.decode(parts[1]).flatMap({ String(validating: $0, as: UTF8.self) }),
                let colon = pair.firstIndex(of: ":")
            else { return (false, false) }
            let (user, password) = (String(pair[..<colon]), String(pair[pair.index(after: colon)...]))
            guard !rules.users.isEmpty else { return (false, false) }
            let hash = rules.users[user]
            let matches = await onThread { PasswordHash.matches(password, hash ?? Self.stranger) }
            return (matches && hash != nil, true)
        case "bearer":
            let token = Array(parts[1].utf8)
            // All of them, so that the time does not tell which was compared.
            let matches = rules.tokens.reduce(false) { PasswordHash.isSame($1, token) || $0 }
            if matches { return (true, true) }
            guard rules.asksKubernetes, let reviewer else { return (false, false) }
            // It remembers by itself, for as long as it may.
            return (await reviewer.mayRead(parts[1], path), false)
        default: return (false, false)
        }
    }

    private func onThread(_ body: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in work { continuation.resume(returning: body()) } }
    }
}

/// Asks whether the holder of a token may read.
protocol TokenReviewer: Sendable {
    func mayRead(_ token: String, _ path: String) async -> Bool
}

/// Failed logins by client: after five there is a pause, which doubles with each further one.
struct LoginAttempts {
    private struct Entry {
        var failures = 0
        var last: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]

    private static let free = 5
    private static let longestPause = 300
    /// Then nothing is remembered of a client.
    private static let memory = Duration.seconds(600)
    /// An attacker may have any number of addresses.
    private static let mostClients = 10_000

    /// Seconds that the client must wait; nil where it may try.
    func pause(for client: String, at now: ContinuousClock.Instant) -> Int? {
        guard let entry = entries[client], entry.failures >= Self.free, now - entry.last < Self.memory else {
            return nil
        }
        let pause = min(1 << min(entry.failures - Self.free, 10), Self.longestPause)
        let rest = Duration.seconds(pause) - (now - entry.last)
        return rest > .zero ? Int((rest / .seconds(1)).rounded(.up)) : nil
    }

    mutating func note(isRight: Bool, by client: String, at now: ContinuousClock.Instant) {
        guard !isRight else {
            entries[client] = nil
            return
        }
        if entries.count >= Self.mostClients, entries[client] == nil {
            entries = entries.filter { now - $0.value.last < Self.memory }
            // Still full: the oldest half goes.
            if entries.count >= Self.mostClients {
                let order = entries.sorted { $0.value.last > $1.value.last }
                entries = Dictionary(uniqueKeysWithValues: order.prefix(Self.mostClients / 2).map { $0 })
            }
        }
        var entry = entries[client] ?? Entry(last: now)
        if now - entry.last >= Self.memory { entry.failures = 0 }
        entry.failures += 1
        entry.last = now
        entries[client] = entry
    }
}

/// Base64 as in RFC 4648, section 4.
enum Base64 {
    /// nil where it is none.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var value: UInt32 = 0
        var bits = 0
        var padding = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = digit(byte) else { return nil }
            value = value << 6 | digit
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(bits)))
        }
        return padding <= 2 && bits < 6 ? bytes : nil
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

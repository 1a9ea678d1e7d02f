internal import Synchronization

/// Decides who may read: by passwords and tokens, without a hint of which of them was nearly right.
final class AccessControl: Sendable {
    enum Decision: Equatable {
        case granted
        /// Until Kubernetes must be asked again.
        case grantedUntil(ContinuousClock.Instant)
        /// No credentials, or wrong ones.
        case refused
        /// A known account that may not read this.
        case forbidden
        /// Too many were wrong; again after so many seconds.
        case later(Int)
        /// Kubernetes could not be asked.
        case unknown
        /// Kubernetes is not asked about a path that has nothing.
        case missing
    }

    /// What is in force.
    struct Rules: Sendable, Equatable {
        /// Hashes of passwords by user.
        var users: [String: String] = [:]
        /// Each of them grants access.
        var tokens: [[UInt8]] = []
        /// True where Kubernetes is asked about tokens.
        var asksKubernetes = false

        /// True where anybody may read.
        var isOpen: Bool { users.isEmpty && tokens.isEmpty && !asksKubernetes }
    }

    private struct State {
        var rules: Rules
        /// Grows with every change of the rules.
        var generation = 0
        /// Credentials that were right, since the rules came into force: bcrypt is slow on purpose, and scrapers come
        /// often. Swift's sets compare them by a keyed hash first, so the time of a look-up says nothing.
        var known: Set<String> = []
        var attempts = LoginAttempts()
        var failures: UInt64 = 0
        var forbidden: UInt64 = 0

        /// What can be said without looking at the credentials; nil where they must be checked.
        func verdict(_ authorization: String?, _ client: String, _ now: ContinuousClock.Instant) -> Decision? {
            if rules.isOpen || authorization.map(known.contains) ?? false { return .granted }
            return attempts.pause(for: client, at: now).map { .later($0) }
        }
    }

    private let state: Mutex<State>
    private let reviewer: (any TokenReviewer)?
    private let work: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant

    private static let mostKnown = 1000
    /// Of one request; rules change every few seconds at most.
    private static let mostChecks = 3
    /// Larger ones are none.
    private static let largestCredentials = 16 << 10

    /// - Parameters:
    ///   - reviewer: asks Kubernetes about tokens; nil where it is not asked.
    ///   - work: where passwords are compared, one after the other.
    init(
        _ rules: Rules = Rules(), reviewer: (any TokenReviewer)? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        work: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.reviewer = reviewer
        self.work = work
        self.now = now
        state = Mutex(State(rules: rules))
    }

    /// Replaces the rules. Equal ones change nothing, and false is returned: a new certificate does not end any login.
    @discardableResult
    func replace(_ rules: Rules) -> Bool {
        state.withLock { state in
            guard state.rules != rules else { return false }
            state.rules = rules
            state.generation += 1
            state.known = []
            return true
        }
    }

    var isOpen: Bool { state.withLock { $0.rules.isOpen } }
    /// Wrong credentials since the start.
    var failures: UInt64 { state.withLock(\.failures) }
    /// Requests since the start of accounts that Kubernetes knows and that may not read the path of the request.
    var forbidden: UInt64 { state.withLock(\.forbidden) }
    /// The challenge for a client without credentials, for the header `WWW-Authenticate`.
    var challenge: String {
        state.withLock {
            $0.rules.users.isEmpty ? "Bearer realm=\"energyd\"" : "Basic realm=\"energyd\", charset=\"UTF-8\""
        }
    }

    /// Suspends while a password is compared or Kubernetes is asked.
    ///
    /// - Parameters:
    ///   - authorization: the header; nil for none.
    ///   - client: whose failed attempts are counted together.
    ///   - path: of the request, for Kubernetes' own rules.
    func decide(_ authorization: String?, from client: String, for path: String) async -> Decision {
        // The result of a check is void where other rules have come into force meanwhile.
        for _ in 0..<Self.mostChecks {
            if let decision = await check(authorization, from: client, for: path) { return decision }
        }
        return .refused
    }

    /// Nil where the rules have changed meanwhile.
    private func check(_ authorization: String?, from client: String, for path: String) async -> Decision? {
        let moment = now()
        let credentials = authorization.map { Credentials($0, limit: Self.largestCredentials) } ?? .none
        let (rules, generation, verdict) = state.withLock {
            ($0.rules, $0.generation, $0.verdict(authorization, client, moment))
        }
        if verdict == .granted { return verdict }
        let endpoint = Endpoint(path: path)
        // The pause of another client of the same address does not end what Kubernetes has granted.
        if case .token(let token) = credentials, rules.asksKubernetes, let reviewer, let endpoint,
            let end = reviewer.allowance(of: token, endpoint.rawValue)
        {
            return .grantedUntil(end)
        }
        if let verdict { return verdict }
        // No attempt: a browser asks so before it knows that a password is needed.
        guard let authorization else { return .refused }
        func conclude(_ isRight: Bool) -> Decision? {
            self.conclude(isRight, authorization, from: client, generation: generation)
        }
        switch credentials {
        case .password(let user, let password) where !rules.users.isEmpty:
            return await onThread { [self] in
                // Those that were compared meanwhile count: these very credentials, or too many wrong ones.
                if let verdict = state.withLock({ $0.verdict(authorization, client, now()) }) { return verdict }
                return self.conclude(
                    rules.matches(user, password), authorization, from: client, generation: generation)
            }
        case .token(let token):
            let bytes = Array(token.utf8)
            // All of them, so that the time does not say which was compared.
            if rules.tokens.reduce(false, { PasswordHash.isSame($1, bytes) || $0 }) { return conclude(true) }
            guard rules.asksKubernetes, let reviewer else { return conclude(false) }
            // Or every path that a client makes up would be a question to the API server.
            guard let endpoint else { return .missing }
            switch await reviewer.review(token, endpoint.rawValue) {
            case .allowed(let end):
                // It remembers by itself, for as long as it may.
                state.withLock { $0.attempts.note(isRight: true, by: client, at: moment) }
                return .grantedUntil(end)
            case .forbidden:
                state.withLock { $0.forbidden += 1 }
                return .forbidden
            case .unknown: return conclude(false)
            case .unanswered: return .unknown
            }
        default: return conclude(false)
        }
    }

    /// Counts a right or wrong login; nil, and nothing is counted, where other rules are in force.
    private func conclude(
        _ isRight: Bool, _ authorization: String, from client: String, generation: Int
    ) -> Decision? {
        let moment = now()
        return state.withLock { state in
            guard state.generation == generation else { return nil }
            state.attempts.note(isRight: isRight, by: client, at: moment)
            guard isRight else {
                state.failures += 1
                return .refused
            }
            if state.known.count < Self.mostKnown { state.known.insert(authorization) }
            return .granted
        }
    }

    private func onThread(_ body: @escaping @Sendable () -> Decision?) async -> Decision? {
        await withCheckedContinuation { continuation in work { continuation.resume(returning: body()) } }
    }
}

extension AccessControl.Rules {
    /// Takes as long as the costliest of all hashes, whichever user it is and whether there is one: the time says nothing
    /// of who exists, also where costs differ.
    ///
    /// - Parameter compare: whether a password has a hash; its time doubles with each step of the hash's cost.
    func matches(
        _ user: String, _ password: String, compare: (String, String) -> Bool = PasswordHash.matches
    ) -> Bool {
        let costliest = users.values.max { PasswordHash.cost(of: $0) < PasswordHash.cost(of: $1) }
        guard let costliest else { return false }
        guard let hash = users[user] else {
            _ = compare(password, costliest)
            return false
        }
        let isRight = compare(password, hash)
        // 2^c + (2^c + 2^(c+1) + ... + 2^(n-1)) = 2^n
        for cost in PasswordHash.cost(of: hash)..<PasswordHash.cost(of: costliest) {
            _ = compare(password, PasswordHash.setting(of: hash, cost: cost))
        }
        return isRight
    }
}

/// What a client brings in the header `Authorization`.
enum Credentials: Equatable {
    case password(user: String, password: String)
    case token(String)
    case none

    /// - Parameter limit: of its bytes.
    init(_ header: String, limit: Int) {
        self = .none
        let parts = header.split(separator: " ", maxSplits: 1).map(String.init)
        guard header.utf8.count <= limit, parts.count == 2 else { return }
        switch parts[0].lowercased() {
        case "basic":
            guard let pair = Base64.decode(parts[1]).flatMap({ String(validating: $0, as: UTF8.self) }),
                let colon = pair.utf8.firstIndex(of: UInt8(ascii: ":"))
            else { return }
            self = .password(
                user: String(pair[..<colon]), password: String(pair[pair.utf8.index(after: colon)...]))
        case "bearer": self = .token(parts[1])
        default: return
        }
    }
}

/// Asks whether the holder of a token may read.
protocol TokenReviewer: Sendable {
    func review(_ token: String, _ path: String) async -> TokenVerdict
    /// Until when an answer of a while ago still allows it; nil where there is none. No server is asked.
    func allowance(of token: String, _ path: String) -> ContinuousClock.Instant?
    /// Closes connections; the last call.
    func close() async
}

/// What Kubernetes says of a token.
enum TokenVerdict: Sendable {
    /// Until then.
    case allowed(until: ContinuousClock.Instant)
    case forbidden
    /// The token is not known, or no longer.
    case unknown
    /// It could not be asked.
    case unanswered
}

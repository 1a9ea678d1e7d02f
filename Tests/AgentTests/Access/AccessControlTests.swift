import Synchronization
import TestSupport
import Testing

@testable import Agent

/// Who may read, in virtual time.
@Suite struct AccessControlTests {
    /// Of "hunter2 pass".
    private static let hash = "$2y$04$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS"
    private static let right = "Basic YWxpY2U6aHVudGVyMiBwYXNz"
    private static let token = "0123456789abcdef0123456789abcdef"

    private final class Reviewer: TokenReviewer {
        let verdict: TokenVerdict
        /// The token that was allowed a while ago.
        let remembered: String?
        private let paths = Mutex<[String]>([])

        init(_ verdict: TokenVerdict, remembered: String? = nil) {
            self.verdict = verdict
            self.remembered = remembered
        }

        /// Of every question.
        var asked: [String] { paths.withLock(\.self) }

        func review(_ token: String, _ path: String) async -> TokenVerdict {
            paths.withLock { $0.append(path) }
            return verdict
        }

        func allowance(of token: String, _ path: String) -> ContinuousClock.Instant? {
            token == remembered && path == "/metrics" ? AccessControlTests.end : nil
        }

        func close() async {}
    }

    private let time = ManualInstant()

    private func control(
        users: Bool = true, tokens: Bool = false, reviewer: Reviewer? = nil,
        work: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() }
    ) -> AccessControl {
        var rules = AccessControl.Rules()
        if users { rules.users = ["alice": Self.hash] }
        if tokens { rules.tokens = [Array("another-token-of-theirs".utf8), Array(Self.token.utf8)] }
        rules.asksKubernetes = reviewer != nil
        return AccessControl(
            rules, reviewer: reviewer, now: { [time] in time.now }, work: work)
    }

    private func ask(
        _ control: AccessControl, _ authorization: String?, from client: String = "c", for path: String = "/metrics"
    ) async -> AccessControl.Decision {
        await control.decide(authorization, from: client, for: path)
    }

    @Test func withoutRulesAnybodyMayRead() async {
        let control = control(users: false)
        #expect(control.isOpen)
        #expect(await ask(control, nil) == .granted)
        #expect(await ask(control, "Basic nonsense") == .granted)
    }

    @Test(arguments: [
        (right, true), ("basic YWxpY2U6aHVudGVyMiBwYXNz", true), ("Basic YWxpY2U6aHVudGVyMiBwYXNzIQ==", false),
        // bob, ALICE, nobody, without colon, empty.
        ("Basic Ym9iOmh1bnRlcjIgcGFzcw==", false), ("Basic QUxJQ0U6aHVudGVyMiBwYXNz", false),
        ("Basic Omh1bnRlcjIgcGFzcw==", false), ("Basic YWxpY2U=", false), ("Basic ", false), ("Basic", false),
        ("", false), ("Bearer \(token)", false), ("Digest a", false),
        ("Basic \(String(repeating: "A", count: 1 << 20))", false),
    ]) func passwordsAreChecked(_ authorization: String, _ isRight: Bool) async {
        #expect(await ask(control(), authorization) == (isRight ? .granted : .refused))
    }

    @Test(arguments: [
        ("Bearer \(token)", true), ("bearer \(token)", true), ("Bearer \(token)x", false),
        ("Bearer \(token.dropLast())", false),
        ("Bearer ", false), (right, false),
    ]) func tokensAreChecked(_ authorization: String, _ isRight: Bool) async {
        #expect(await ask(control(users: false, tokens: true), authorization) == (isRight ? .granted : .refused))
    }

    @Test func theChallengeNamesWhatIsTaken() {
        #expect(control().challenge.hasPrefix("Basic "))
        #expect(control(users: false, tokens: true).challenge.hasPrefix("Bearer "))
    }

    /// Of what Kubernetes said.
    private static let end = ContinuousClock().systemEpoch + .seconds(120)

    @Test(
        arguments: [
            (TokenVerdict.allowed(until: end), AccessControl.Decision.grantedUntil(end), 0, 0),
            (.forbidden, .forbidden, 0, 1), (.unknown, .refused, 1, 0), (.unanswered, .unknown, 0, 0),
        ] as [(TokenVerdict, AccessControl.Decision, UInt64, UInt64)])
    func kubernetesIsAsked(
        _ verdict: TokenVerdict, _ decision: AccessControl.Decision, _ failures: UInt64, _ forbidden: UInt64
    ) async {
        let control = control(reviewer: Reviewer(verdict))
        #expect(await ask(control, "Bearer x") == decision)
        #expect(control.failures == failures && control.forbidden == forbidden)
    }

    /// Or a client could make up paths, and each would be a question to the API server.
    @Test func kubernetesIsAskedAboutPathsThatExist() async {
        let reviewer = Reviewer(.allowed(until: Self.end))
        let control = control(reviewer: reviewer)
        for path in ["/nothing", "/metrics//", "/metrics/x", "/METRICS", "", "/metrics\nx"] {
            #expect(await ask(control, "Bearer x", for: path) == .missing, "\(path)")
        }
        #expect(reviewer.asked.isEmpty && control.failures == 0)
        // By one name each.
        for path in ["/metrics", "/metrics/", "/"] {
            #expect(await ask(control, "Bearer x", for: path) == .grantedUntil(Self.end))
        }
        #expect(reviewer.asked == ["/metrics", "/metrics", "/"])
    }

    /// What Kubernetes granted holds while another client of the same address is refused, and forgives it nothing.
    @Test func aRememberedYesHoldsDuringAPause() async {
        let reviewer = Reviewer(.unknown, remembered: "good")
        let control = control(reviewer: reviewer)
        for _ in 0..<5 { #expect(await ask(control, "Bearer bad") == .refused) }
        #expect(await ask(control, "Bearer good") == .grantedUntil(Self.end))
        #expect(await ask(control, "Bearer good", for: "/api/v1/status") == .later(1))
        #expect(await ask(control, "Bearer bad") == .later(1))
        #expect(control.failures == 5 && reviewer.asked.count == 5)
    }

    @Test func wrongLoginsCostAPauseThatGrows() async {
        let control = control()
        for _ in 0..<5 { #expect(await ask(control, "Basic bm8=") == .refused) }
        #expect(await ask(control, "Basic bm8=") == .later(1))
        // Also with the right ones: or guessing would be free. Others are not held up.
        #expect(await ask(control, Self.right) == .later(1))
        #expect(await ask(control, Self.right, from: "d") == .granted)
        // Who was right before is known.
        #expect(await ask(control, Self.right) == .granted)
        for pause in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            time.advance(300)
            #expect(await ask(control, "Basic bm8=") == .refused)
            #expect(await ask(control, "Basic bm8=") == .later(pause))
        }
        #expect(control.failures == 15)
        time.advance(601)
        for _ in 0..<5 { #expect(await ask(control, "Basic bm8=") == .refused) }
    }

    /// A browser asks so first.
    @Test func noCredentialsAreNoAttempt() async {
        let control = control()
        for _ in 0..<20 { #expect(await ask(control, nil) == .refused) }
        #expect(await ask(control, Self.right) == .granted)
        #expect(control.failures == 0)
    }

    @Test func aRightLoginForgivesWrongOnes() async {
        let control = control(tokens: true)
        for _ in 0..<4 { #expect(await ask(control, "Bearer x") == .refused) }
        #expect(await ask(control, Self.right) == .granted)
        for _ in 0..<5 { #expect(await ask(control, "Bearer x") == .refused) }
    }

    /// Sent at once, before the first of them was compared.
    @Test(.timeLimit(.minutes(1))) func manyAtOnceAreNoMoreThanManyInARow() async {
        let waiting = Mutex<[@Sendable () -> Void]>([])
        let control = control { work in waiting.withLock { $0.append(work) } }
        let decisions = await withTaskGroup(of: AccessControl.Decision.self) { group in
            for number in 0..<20 {
                // "alice:wrong" and a digit.
                group.addTask { await ask(control, "Basic YWxpY2U6d3Jvbmc\(["x", "y", "z", "w"][number % 4])") }
            }
            while waiting.withLock({ $0.count }) < 20 { await Task.yield() }
            for work in waiting.withLock({ $0 }) { work() }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(decisions.count { $0 == .refused } == 5 && decisions.count { $0 == .later(1) } == 15)
    }

    /// Credentials that were right under rules that no longer hold let nobody in.
    @Test(.timeLimit(.minutes(1))) func newRulesHoldAtOnce() async {
        let control = control()
        #expect(await ask(control, Self.right) == .granted)
        var rules = AccessControl.Rules()
        rules.tokens = [Array(Self.token.utf8)]
        control.replace(rules)
        #expect(await ask(control, Self.right) == .refused)
        #expect(await ask(control, "Bearer \(Self.token)") == .granted)
    }

    /// A password is compared by the rules of before, and new ones come into force before there is a result.
    @Test(.timeLimit(.minutes(1)), arguments: [("alice", AccessControl.Decision.granted), ("bob", .refused)])
    func aCheckByRulesThatHaveChangedIsVoid(_ user: String, _ decision: AccessControl.Decision) async {
        let waiting = Mutex<[@Sendable () -> Void]>([])
        let control = control { work in waiting.withLock { $0.append(work) } }
        func work() async -> @Sendable () -> Void {
            while true {
                if let first = waiting.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return first }
                await Task.yield()
            }
        }
        async let answer = ask(control, Self.right)
        let first = await work()
        #expect(control.replace(AccessControl.Rules(users: [user: Self.hash, "carol": Self.hash])))
        first()
        // Compared once more, by the new ones.
        await work()()
        #expect(await answer == decision)
        #expect(control.failures == (decision == .refused ? 1 : 0))
        // Nothing is remembered of the first result.
        async let next = ask(control, Self.right)
        if decision == .refused { await work()() }
        #expect(await next == decision)
    }

    @Test(.timeLimit(.minutes(1))) func rulesThatKeepChangingRefuse() async {
        let number = Mutex(0)
        let control = Mutex<AccessControl?>(nil)
        let changing = self.control { work in
            let next = number.withLock { number in
                number += 1
                return number
            }
            control.withLock { $0 }?.replace(
                AccessControl.Rules(users: ["alice": Self.hash, "user\(next)": Self.hash]))
            work()
        }
        control.withLock { $0 = changing }
        #expect(await ask(changing, Self.right) == .refused)
        #expect(number.withLock(\.self) == 3 && changing.failures == 0)
        control.withLock { $0 = nil }
        #expect(await ask(changing, Self.right) == .granted)
    }

    /// By the sum of what its hashes cost: whether there is such a user, and how costly the user's own hash is.
    @Test(arguments: ["alice", "bob", "carol", "nobody", ""])
    func everyUserTakesAsLong(_ user: String) {
        let costs = ["alice": 4, "bob": 9, "carol": 7].mapValues { PasswordHash.setting(of: Self.hash, cost: $0) }
        #expect(costs.values.allSatisfy(PasswordHash.isUsable))
        let rules = AccessControl.Rules(users: costs)
        for isRight in [true, false] {
            var compared: [String] = []
            let matches = rules.matches(user, "password") { _, hash in
                compared.append(hash)
                return isRight
            }
            #expect(matches == (isRight && costs[user] != nil))
            #expect(compared.reduce(0) { $0 + 1 << PasswordHash.cost(of: $1) } == 1 << 9)
            #expect(costs[user] == nil || compared.first == costs[user])
        }
        #expect(!AccessControl.Rules().matches(user, "password") { _, _ in true })
    }

    @Test func theTableOfClientsIsBounded() {
        var attempts = LoginAttempts()
        for number in 0..<(3 * LoginAttempts.mostClients) {
            attempts.note(isRight: false, by: "c\(number)", at: time.now)
            if number % 100 == 0 { time.advance(1) }
        }
        #expect(attempts.count <= LoginAttempts.mostClients)
        for _ in 0..<LoginAttempts.free { attempts.note(isRight: false, by: "x", at: time.now) }
        #expect(attempts.pause(for: "x", at: time.now) == 1)
    }
}

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

    private struct Reviewer: TokenReviewer {
        let verdict: TokenVerdict
        func review(_ token: String, _ path: String) async -> TokenVerdict { verdict }
        func close() async {}
    }

    private let time = ManualInstant()

    private func control(
        users: Bool = true, tokens: Bool = false, reviewer: TokenVerdict? = nil,
        work: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() }
    ) -> AccessControl {
        var rules = AccessControl.Rules()
        if users { rules.users = ["alice": Self.hash] }
        if tokens { rules.tokens = [Array("another-token-of-theirs".utf8), Array(Self.token.utf8)] }
        rules.asksKubernetes = reviewer != nil
        return AccessControl(
            rules, reviewer: reviewer.map { Reviewer(verdict: $0) }, now: { [time] in time.now }, work: work)
    }

    private func ask(
        _ control: AccessControl, _ authorization: String?, from client: String = "c"
    ) async -> AccessControl.Decision {
        await control.decide(authorization, from: client, for: "/metrics")
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
            (TokenVerdict.allowed(until: end), AccessControl.Decision.grantedUntil(end), 0),
            (.forbidden, .forbidden, 0),
            (.unknown, .refused, 1),
            (.unanswered, .unknown, 0),
        ] as [(TokenVerdict, AccessControl.Decision, UInt64)])
    func kubernetesIsAsked(_ verdict: TokenVerdict, _ decision: AccessControl.Decision, _ failures: UInt64) async {
        let control = control(reviewer: verdict)
        #expect(await ask(control, "Bearer x") == decision)
        #expect(control.failures == failures)
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

    @Test(.timeLimit(.minutes(1))) func rulesThatChangeDuringACheckForgetIt() async {
        let waiting = Mutex<(@Sendable () -> Void)?>(nil)
        let control = control { work in waiting.withLock { $0 = work } }
        async let decision = ask(control, Self.right)
        while waiting.withLock({ $0 == nil }) { await Task.yield() }
        control.replace(AccessControl.Rules(users: ["bob": Self.hash]))
        waiting.withLock(\.self)?()
        #expect(await decision == .granted)
        waiting.withLock { $0 = nil }
        async let next = ask(control, Self.right)
        while waiting.withLock({ $0 == nil }) { await Task.yield() }
        waiting.withLock(\.self)?()
        #expect(await next == .refused)
    }

    /// A user who does not exist is compared with a hash too.
    @Test func anUnknownUserTakesAsLong() async {
        let compared = Mutex(0)
        let control = control { work in
            compared.withLock { $0 += 1 }
            work()
        }
        #expect(await ask(control, "Basic Ym9iOmh1bnRlcjIgcGFzcw==") == .refused)
        #expect(compared.withLock(\.self) == 1)
        #expect(PasswordHash.cost(of: Self.hash) == 4)
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

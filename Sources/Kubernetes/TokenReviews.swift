internal import Fetching
internal import FoundationEssentials
package import Logging
package import NIOCore
internal import Synchronization

/// Asks the API server whose token a reader brings (TokenReview), and whether its owner may get a path
/// (SubjectAccessReview on a non-resource URL).
///
/// Source: https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
package final class TokenReviews: Sendable {
    package enum Verdict: Sendable {
        /// Both answers are remembered until then.
        case allowed(until: ContinuousClock.Instant)
        case forbidden
        /// A token of no account, or no longer valid.
        case unknown
        /// The server could not be asked.
        case unanswered
    }

    private struct State {
        var owners: [String: Remembered<ReviewedUser?>] = [:]
        var permissions: [String: Remembered<Bool>] = [:]
        var running = 0
        var lastFailure: String?
    }

    private struct Remembered<Value: Sendable>: Sendable {
        let value: Value
        let until: ContinuousClock.Instant
    }

    private let client: APIClient
    private let logger: Logger
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// A token that was withdrawn is accepted for as long.
    private static let trust = Duration.seconds(120)
    private static let doubt = Duration.seconds(10)
    /// Tokens, and pairs of a token and a path.
    private static let mostRemembered = 1000
    /// More at once are an attack on the API server.
    private static let mostRunning = 8
    private static let patience = APIClient.Patience(head: .seconds(5), total: .seconds(5), bytes: 1 << 20)

    /// Throws where there is no authority to verify the server with.
    package init(
        _ configuration: KubernetesConfiguration, group: any EventLoopGroup, logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) throws {
        client = try APIClient(configuration, silence: .seconds(5), group: group)
        self.logger = logger
        self.now = now
    }

    /// Closes its connections; the last call.
    package func close() async { await client.close() }

    /// Until when memory alone says yes; nil where it does not.
    package func allowance(of token: String, path: String) -> ContinuousClock.Instant? {
        let moment = now()
        return state.withLock { state in
            guard let owner = Self.current(state.owners[token], moment), owner.value != nil,
                let permission = Self.current(state.permissions[Self.key(token, path)], moment), permission.value
            else { return nil }
            return min(owner.until, permission.until)
        }
    }

    /// Answers from memory for 2 minutes where the answer was yes, for 10 s where it was no.
    package func review(_ token: String, path: String) async -> Verdict {
        do {
            let known = state.withLock { Self.current($0.owners[token], now()) }
            let owner: Remembered<ReviewedUser?>
            if let known {
                owner = known
            } else {
                let answer = try await asked { try await self.owner(of: token) }
                let moment = now()
                owner = Remembered(value: answer, until: moment + (answer == nil ? Self.doubt : Self.trust))
                state.withLock { Self.remember(owner, as: token, in: &$0.owners, at: moment) }
            }
            guard let user = owner.value else { return .unknown }
            let key = Self.key(token, path)
            let permission: Remembered<Bool>
            if let known = state.withLock({ Self.current($0.permissions[key], now()) }) {
                permission = known
            } else {
                let answer = try await asked { try await self.isAllowed(user, path) }
                let moment = now()
                permission = Remembered(value: answer, until: moment + (answer ? Self.trust : Self.doubt))
                state.withLock { Self.remember(permission, as: key, in: &$0.permissions, at: moment) }
            }
            return permission.value ? .allowed(until: min(owner.until, permission.until)) : .forbidden
        } catch {
            report(error)
            return .unanswered
        }
    }

    // MARK: Questions

    private func owner(of token: String) async throws -> ReviewedUser? {
        struct Answer: Decodable {
            struct Status: Decodable {
                var authenticated: Bool?
                var user: ReviewedUser?
            }
            var status: Status?
        }
        let question = ReviewQuestion(
            apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: ["token": token])
        let answer = try await post("/apis/authentication.k8s.io/v1/tokenreviews", question, Answer.self)
        return answer.status?.authenticated == true ? answer.status?.user : nil
    }

    private func isAllowed(_ user: ReviewedUser, _ path: String) async throws -> Bool {
        struct Answer: Decodable {
            struct Status: Decodable {
                var allowed: Bool?
                var denied: Bool?
            }
            var status: Status?
        }
        let spec = AccessSpec(
            user: user.username, uid: user.uid, groups: user.groups, extra: user.extra,
            nonResourceAttributes: ["path": path, "verb": "get"])
        let question = ReviewQuestion(apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: spec)
        let answer = try await post("/apis/authorization.k8s.io/v1/subjectaccessreviews", question, Answer.self)
        return answer.status?.allowed == true && answer.status?.denied != true
    }

    private func post<Answer: Decodable>(
        _ path: String, _ question: some Encodable, _ type: Answer.Type
    ) async throws -> Answer {
        let body = try await client.post(path, [UInt8](JSONEncoder().encode(question)), Self.patience)
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw APIError.other("its answer is no review")
        }
    }

    private func asked<Answer>(_ question: () async throws -> Answer) async throws -> Answer {
        let isFull = state.withLock { state in
            if state.running >= Self.mostRunning { return true }
            state.running += 1
            return false
        }
        if isFull { throw APIError.other("too many tokens at once") }
        defer { state.withLock { $0.running -= 1 } }
        let answer = try await question()
        state.withLock { $0.lastFailure = nil }
        return answer
    }

    /// Each failure once.
    private func report(_ error: any Error) {
        let words =
            switch error {
            case APIError.status(403):
                "HTTP 403: not permitted to review tokens; see deploy/kustomize/overlays/token-review"
            default: "\(error)"
            }
        let isNew = state.withLock { state in
            defer { state.lastFailure = words }
            return state.lastFailure != words
        }
        if isNew { logger.warning("cannot ask Kubernetes about a reader's token", metadata: ["error": "\(words)"]) }
    }

    // MARK: Memory

    private static func key(_ token: String, _ path: String) -> String { "\(path)\n\(token)" }

    private static func current<Value: Sendable>(
        _ remembered: Remembered<Value>?, _ now: ContinuousClock.Instant
    ) -> Remembered<Value>? {
        remembered.flatMap { $0.until > now ? $0 : nil }
    }

    /// Makes room where there is none.
    private static func remember<Value: Sendable>(
        _ value: Remembered<Value>, as key: String, in table: inout [String: Remembered<Value>],
        at now: ContinuousClock.Instant
    ) {
        if table.count >= mostRemembered {
            table = table.filter { $0.value.until > now }
            if table.count >= mostRemembered { table = [:] }
        }
        table[key] = value
    }
}

/// Whom a token belongs to, as the API server says it and wants to hear it again.
private struct ReviewedUser: Decodable, Sendable {
    var username: String?
    var uid: String?
    var groups: [String]?
    var extra: [String: [String]]?
}

private struct ReviewQuestion<Spec: Encodable>: Encodable {
    var apiVersion: String
    var kind: String
    var spec: Spec
}

private struct AccessSpec: Encodable {
    var user: String?
    var uid: String?
    var groups: [String]?
    var extra: [String: [String]]?
    var nonResourceAttributes: [String: String]
}

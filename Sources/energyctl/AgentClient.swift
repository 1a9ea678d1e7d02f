import Fetching
import Formatting
import FoundationEssentials
import Linux
import NIOCore
import NIOPosix
import Snapshot

/// Asks a running agent for its newest snapshot over HTTP.
struct AgentClient: SnapshotSource {
    /// Far above any real snapshot: 3,000 workloads make 2 MiB.
    private static let limits = BodyLimits(total: .seconds(10), bytes: 64 << 20)
    /// Of an error, whose first line is shown.
    private static let largestReason = 1024

    let address: AgentAddress
    private let fetcher: Fetcher
    private let reader = SnapshotReader()
    private let headers: [(name: String, value: String)]

    init(_ address: AgentAddress, access: AgentAccess = AgentAccess()) throws {
        var settings = FetchSettings()
        settings.trust = try access.trust()
        let authorization = try access.authorization()
        // A password is for the agent alone: not for others on the network.
        if authorization != nil, !address.isPrivate {
            throw SourceFailure("\(address): passwords and tokens are sent over https:// or on this machine only")
        }
        headers =
            [(name: "Accept", value: "application/json")]
            + (authorization.map { [(name: "Authorization", value: $0)] } ?? [])
        settings.connect = .seconds(2)
        settings.silence = .seconds(5)
        self.address = address
        do {
            fetcher = try Fetcher(settings, group: MultiThreadedEventLoopGroup.singleton)
        } catch {
            throw SourceFailure("--agent.ca: \(error)")
        }
    }

    /// The newest snapshot of an agent that is asked once.
    static func snapshot(of address: AgentAddress, access: AgentAccess) async throws -> Snapshot {
        let client = try AgentClient(address, access: access)
        do {
            let snapshot = try await client.next()
            await client.close()
            return snapshot
        } catch {
            await client.close()
            throw error
        }
    }

    func next() async throws -> Snapshot {
        let document = try await fetch()
        let snapshot: Snapshot
        do {
            snapshot = try reader.read(document)
        } catch {
            // That of another version need not have the same fields.
            try checkSchema(of: document)
            throw SourceFailure("\(address): not a snapshot: \(Self.words(error))")
        }
        try checkSchema(snapshot.schemaVersion)
        return snapshot
    }

    /// As served, fields that this program does not know included.
    func nextDocument() async throws -> [UInt8] {
        let document = try await fetch()
        try checkSchema(of: document)
        return Array(String(printableJSON: document).utf8)
    }

    var name: String { address.description }

    /// Another document of the agent.
    func document<Value: Decodable>(_ path: String, as type: Value.Type) async throws -> Value {
        let document = try await fetch(path)
        do {
            return try JSONDecoder().decode(type, from: Data(document))
        } catch {
            throw SourceFailure("\(address): not the answer of an energyd agent: \(Self.words(error))")
        }
    }

    func close() async {
        // No request is in flight, and the process is about to end.
        await fetcher.close()
    }

    /// Asks for a cgroup for a child of this process, which is then in it.
    func makeCgroup(for process: Int32) async throws {
        _ = try await fetch("/api/v1/runs?process=\(process)", content: ByteBuffer(), expecting: 201)
    }

    /// - Parameter content: what is sent with POST; nil for a GET.
    private func fetch(
        _ path: String = "/api/v1/snapshot", content: ByteBuffer? = nil, expecting status: Int = 200
    ) async throws -> [UInt8] {
        var head: FetchHead?
        var body: [UInt8] = []
        do {
            try await fetcher.ask(
                address.url(path), content: content, headers: headers, limits: Self.limits,
                head: { head = $0 },
                take: { piece in
                    body += piece.readableBytesView
                    if let head, head.status != status, body.count > Self.largestReason { throw refusal(head, body) }
                })
        } catch let failure as FetchFailure {
            // The status is known even where its text never comes.
            if let head, head.status != status { throw refusal(head, body) }
            throw SourceFailure("\(address): \(words(failure))", kind: Self.isAbsence(failure) ? .absent : .other)
        }
        guard let head, head.status == status else { throw refusal(head, body) }
        return body
    }

    /// Why the server refused: the detail of a problem (RFC 9457), the first line of a text response, else the reason
    /// phrase of the status.
    private func refusal(_ head: FetchHead?, _ body: [UInt8]) -> SourceFailure {
        struct Problem: Decodable {
            let detail: String
        }
        guard let head else { return SourceFailure("\(address): no answer") }
        let type = head.first("Content-Type") ?? ""
        let line = String(decoding: body.prefix(Self.largestReason), as: UTF8.self).prefix { !$0.isNewline }
        let reason =
            if type.hasPrefix("application/problem+json") {
                (try? JSONDecoder().decode(Problem.self, from: Data(body)))?.detail ?? head.reason
            } else {
                type.hasPrefix("text/plain") && !line.isEmpty ? String(line) : head.reason
            }
        let remedy =
            head.status == 401
            ? " (--agent.token-file, --agent.credentials, or as root at the agent's socket)" : ""
        return SourceFailure(
            "\(address): HTTP \(head.status) \(printable(reason, limit: 500))\(remedy)",
            kind: head.status == 503 ? .starting : head.status == 422 ? .tooLarge : .other)
    }

    /// True where no agent listens, or this user may not connect.
    private static func isAbsence(_ failure: FetchFailure) -> Bool {
        [.refused, .missing, .notPermitted].contains(failure.code)
    }

    private func checkSchema(of document: [UInt8]) throws {
        struct Header: Decodable {
            var schemaVersion: Int
        }
        let header: Header
        do {
            header = try JSONDecoder().decode(Header.self, from: Data(document))
        } catch {
            throw SourceFailure("\(address): not the JSON of an energyd agent: \(Self.words(error))")
        }
        try checkSchema(header.schemaVersion)
    }

    private func checkSchema(_ version: Int) throws {
        guard version == Snapshot.currentSchemaVersion else {
            throw SourceFailure(
                "\(address): serves snapshot version \(version), this energyctl reads "
                    + "\(Snapshot.currentSchemaVersion): use the energyctl of the agent's release")
        }
    }

    private func words(_ failure: FetchFailure) -> String {
        switch failure.code {
        case .noTLS: "\(failure): without --web.config.file energyd serves http://"
        case .notHTTP: "\(failure): with --web.config.file energyd may serve https://"
        case .notTrusted: "\(failure): name its authority with --agent.ca"
        case .notPermitted:
            "\(failure): run as root, or join the group of the socket (docs/security.md, \"The socket\")"
        default: "\(failure)"
        }
    }

    /// An error of decoding without the names of Swift types. Names of fields are the server's.
    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "it has no \"\(printable(key.stringValue))\""
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\"\(printable(context.codingPath.map(\.stringValue).joined(separator: ".")))\" is of the wrong type"
        default: "it is damaged or not JSON"
        }
    }
}

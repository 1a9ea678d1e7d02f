import AsyncHTTPClient
import Formatting
import FoundationEssentials
import Glibc
import Linux
import NIOCore
import NIOHTTP1
import Snapshot

/// Asks a running agent for its newest snapshot over HTTP.
struct AgentClient: SnapshotSource {
    /// Far above any real snapshot: 3,000 workloads make 2 MiB.
    private static let largestResponse = 64 << 20
    private static let requestTimeout = TimeAmount.seconds(10)

    private let address: AgentAddress
    private let client: HTTPClient

    init(_ address: AgentAddress) {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(2)
        configuration.redirectConfiguration = .disallow
        // The pool would try a refused connection again and again until the request times out.
        configuration.connectionPool.retryConnectionEstablishment = false
        self.address = address
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func next() async throws -> Snapshot {
        let document = try await fetch()
        try checkSchema(of: document)
        do {
            return try JSONDecoder().decode(Snapshot.self, from: Data(document))
        } catch {
            throw SourceFailure("\(address): not a snapshot: \(Self.words(error))")
        }
    }

    /// As served, fields that this program does not know included.
    func nextDocument() async throws -> [UInt8] {
        let document = try await fetch()
        try checkSchema(of: document)
        return Array(String(printableJSON: document).utf8)
    }

    func close() async {
        // No request is in flight, and the process is about to end.
        try? await client.shutdown()
    }

    private func fetch() async throws -> [UInt8] {
        do {
            var request = HTTPClientRequest(url: address.snapshotURL)
            request.headers.add(name: "Accept", value: "application/json")
            let response = try await client.execute(request, timeout: Self.requestTimeout)
            guard response.status == .ok else {
                throw SourceFailure(
                    "\(address): HTTP \(response.status.code) \(await Self.reason(response))",
                    kind: response.status == .serviceUnavailable ? .starting : .other)
            }
            return Array(buffer: try await response.body.collect(upTo: Self.largestResponse))
        } catch let error as SourceFailure {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw SourceFailure("\(address): \(Self.words(error))", kind: Self.isAbsence(error) ? .absent : .other)
        }
    }

    /// Why the server refused: the first line of a text response, else the reason phrase of the status.
    private static func reason(_ response: HTTPClientResponse) async -> String {
        let isText = response.headers.first(name: "Content-Type")?.hasPrefix("text/plain") == true
        guard isText, let body = try? await response.body.collect(upTo: 1024) else {
            return response.status.reasonPhrase
        }
        let line = String(buffer: body).prefix { !$0.isNewline }
        return line.isEmpty ? response.status.reasonPhrase : printable(String(line))
    }

    /// True where no agent listens, or this user may not connect.
    private static func isAbsence(_ error: any Error) -> Bool {
        guard let error = error as? IOError else { return false }
        return [ECONNREFUSED, ENOENT, ENOTDIR, EACCES].contains(error.errnoCode)
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
        guard header.schemaVersion == Snapshot.currentSchemaVersion else {
            throw SourceFailure(
                "\(address): serves snapshot version \(header.schemaVersion), this energyctl reads "
                    + "\(Snapshot.currentSchemaVersion): use the energyctl of the agent's release")
        }
    }

    /// `error` without the names of Swift types.
    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as HTTPClientError where error == .connectTimeout: "no answer within 2 s"
        case let error as HTTPClientError: error.shortDescription
        case let error as SocketAddressError where error == .unixDomainSocketPathTooLong:
            "the path of the socket is longer than 107 bytes"
        case is NIOTooManyBytesError: "the answer is larger than \(largestResponse >> 20) MiB"
        case DecodingError.keyNotFound(let key, _): "it has no \"\(key.stringValue)\""
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" is of the wrong type"
        case DecodingError.dataCorrupted: "it is damaged or not JSON"
        default: tls(error) ?? "\(error)"
        }
    }

    /// A failure of TLS without the insides of the library, whose types are not seen here; nil for another one.
    private static func tls(_ error: any Error) -> String? {
        let text = "\(error)"
        guard text.contains("SSL") || text.contains("TLS") else { return nil }
        if text.contains("WRONG_VERSION_NUMBER") { return "the server does not use TLS: energyd itself serves http://" }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "its certificate is not signed by an authority that is trusted here"
        }
        return "TLS failed: energyd itself serves http://"
    }
}

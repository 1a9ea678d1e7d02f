import Glibc
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Settings
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport
import Testing

@testable import Agent
@testable import Engine

/// The files that say who may read, and their changes.
@Suite struct WebAccessTests {
    private static let hash = "$2y$04$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS"
    private static let right = "Basic YWxpY2U6aHVudGVyMiBwYXNz"

    private let directory: TemporaryDirectory
    private let log = LogLines()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func access(
        config: String? = nil, tokens: [String] = [], listen: String = "127.0.0.1:1"
    ) throws -> WebAccess {
        var files = AccessFiles()
        if let config {
            try directory.write(config, to: "web.yml")
            files.config = directory.path + "/web.yml"
        }
        files.tokens = tokens.map { directory.path + "/" + $0 }
        let listen = try #require(ListenAddress(text: listen))
        return try WebAccess(files, listen: listen, logger: log.logger) { $0() }
    }

    private func makeCertificate(_ name: String, days: Int = 100) throws {
        let (code, output) = try Child.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "\(days)", "-subj", "/CN=\(name)", "-keyout", "\(directory.path)/\(name).key", "-out",
            "\(directory.path)/\(name).pem",
        ])
        guard code == 0 else { throw Failure("openssl: \(output)") }
    }

    private func tls(_ name: String) -> String {
        "tls_server_config:\n  cert_file: \(name).pem\n  key_file: \(name).key\n"
    }

    @Test func changedFilesComeIntoForce() async throws {
        let access = try access(config: "basic_auth_users:\n  alice: \(Self.hash)\n")
        func decision() async -> AccessControl.Decision {
            await access.control.decide(Self.right, from: "c", for: "/")
        }
        #expect(await decision() == .granted)
        access.reload(isAsked: false)
        #expect(log.texts.count { $0.contains("read again") } == 0)
        try directory.write("basic_auth_users:\n  bob: \(Self.hash)\n", to: "web.yml")
        access.reload(isAsked: false)
        #expect(await decision() == .refused)
        #expect(log.texts.count { $0.contains("read again") } == 1)
    }

    @Test func badFilesLeaveTheOldOnesInForce() async throws {
        let access = try access(config: "basic_auth_users:\n  alice: \(Self.hash)\n")
        try directory.write("basic_auth_users:\n  alice: secret\n", to: "web.yml")
        // Once more is looked: one file may have been written before the other.
        access.reload(isAsked: false)
        #expect(access.status.failures == 0)
        for _ in 0..<3 { access.reload(isAsked: false) }
        #expect(access.status.failures == 1 && access.notices(at: 0).first?.contains("line 2") == true)
        #expect(log.texts.count { $0.contains("cannot use") } == 1)
        #expect(await access.control.decide(Self.right, from: "c", for: "/") == .granted)
        #expect(!log.texts.joined().contains("secret") && !access.notices(at: 0).joined().contains("secret"))
        // Asked for, it is said again.
        access.reload(isAsked: true)
        #expect(access.status.failures == 2)
        unlink(directory.path + "/web.yml")
        for _ in 0..<3 { access.reload(isAsked: false) }
        #expect(access.status.failures == 3)
        try directory.write("", to: "web.yml")
        access.reload(isAsked: false)
        #expect(access.status.problem == nil && access.control.isOpen)
    }

    /// As in a mounted Secret: `..data` is swapped.
    @Test func linksThatAreSwappedAreSeen() async throws {
        try directory.write("first-token-0123456789\n", to: "v1/token")
        try directory.write("other-token-0123456789\n", to: "v2/token")
        symlink("v1", directory.path + "/..data")
        symlink("..data/token", directory.path + "/token")
        let access = try access(tokens: ["token"])
        #expect(await access.control.decide("Bearer first-token-0123456789", from: "c", for: "/") == .granted)
        symlink("v2", directory.path + "/..new")
        rename(directory.path + "/..new", directory.path + "/..data")
        access.reload(isAsked: false)
        #expect(await access.control.decide("Bearer first-token-0123456789", from: "c", for: "/") == .refused)
        #expect(await access.control.decide("Bearer other-token-0123456789", from: "c", for: "/") == .granted)
    }

    @Test func aCertificateAndItsKeyArriveOneAfterTheOther() throws {
        try makeCertificate("a")
        try makeCertificate("b")
        let access = try access(config: tls("a"))
        let before = try #require(access.tls.current)
        rename(directory.path + "/b.pem", directory.path + "/a.pem")
        access.reload(isAsked: false)
        #expect(access.tls.current === before)
        rename(directory.path + "/b.key", directory.path + "/a.key")
        access.reload(isAsked: false)
        #expect(access.tls.current !== before && access.status.failures == 0)
    }

    @Test func theEndOfACertificateIsToldInTime() throws {
        try makeCertificate("a", days: 30)
        let access = try access(config: tls("a"))
        let expiry = try #require(access.status.certificateExpiry)
        #expect(access.notices(at: expiry - 8 * 86_400).isEmpty)
        #expect(access.notices(at: expiry - 2.5 * 86_400).first?.contains("in 2 days") == true)
        #expect(access.notices(at: expiry + 1).first?.contains("has expired") == true)
    }

    @Test(arguments: [
        ("tls_server_config:\n  cert_file: no.pem\n  key_file: a.key", "cert_file"),
        ("tls_server_config:\n  cert_file: a.pem\n  key_file: a.pem", "key_file"),
        ("tls_server_config:\n  cert_file: a.pem\n  key_file: b.key", "do not belong together"),
        ("tls_server_config:\n  cert_file: a.key\n  key_file: a.key", "cert_file"),
        ("a: b", "line 1: unknown key a"),
    ]) func anAgentDoesNotStartWithBadFiles(_ config: String, _ words: String) throws {
        try makeCertificate("a")
        try makeCertificate("b")
        let error = try #require(throws: AgentError.self) { try access(config: config) }
        #expect(
            error.isConfiguration && error.description.contains("web.yml") && error.description.contains(words),
            "\(error)")
    }

    @Test(arguments: [
        ("", "no token in it"), ("# x\n\n", "no token in it"), ("short", "can be guessed"),
        ("good-token-0123456789\nno token with spaces", "line 2"), ("\u{E9}0123456789012345", "letters, digits"),
    ]) func badTokenFilesAreRefused(_ text: String, _ words: String) throws {
        try directory.write(text, to: "t")
        let error = try #require(throws: AgentError.self) { try access(tokens: ["t"]) }
        #expect(error.description.contains(words) && error.description.contains("/t"), "\(error)")
        #expect(!error.description.contains("short\n") && !error.description.contains("no token with"))
    }

    @Test func tokenFilesMayHaveCommentsAndWindowsLines() throws {
        let tokens = try TokenFile.tokens(
            Array("\u{FEFF}# of Prometheus\r\n  abcdefghij0123456789\t\r\n\r\nAB-._~+/=0123456789".utf8), path: "t")
        #expect(tokens.map { String(decoding: $0, as: UTF8.self) } == ["abcdefghij0123456789", "AB-._~+/=0123456789"])
    }

    @Test(arguments: [
        ("127.0.0.1:1", true, 0), ("[::1]:1", true, 0), ("localhost:1", false, 0), (":1", true, 1),
        ("10.0.0.1:1", false, 1),
    ]) func openAddressesAreWarnedOfOnce(_ listen: String, _ hasUsers: Bool, _ warnings: Int) throws {
        let config = hasUsers ? "basic_auth_users:\n  alice: \(Self.hash)\n" : ""
        _ = try access(config: config, listen: listen)
        // Readable by everyone, which is another matter.
        let texts = log.texts.filter { !$0.contains("chmod") }
        #expect(texts.count == warnings, "\(texts)")
        #expect(texts.allSatisfy { $0.contains(hasUsers ? "clear text" : "everyone who can reach") })
    }

    @Test func secretsThatEveryoneCanReadAreWarnedOf() throws {
        try directory.write("good-token-0123456789", to: "t")
        chmod(directory.path + "/t", 0o644)
        _ = try access(tokens: ["t"])
        #expect(log.texts.count { $0.contains("chmod o-r \(directory.path)/t") } == 1)
        chmod(directory.path + "/t", 0o640)
        _ = try access(tokens: ["t"])
        #expect(log.texts.count { $0.contains("chmod") } == 1)
    }

    @Test func probesNeedNoPassword() async throws {
        let access = try access(
            config:
                "basic_auth_users:\n  alice: \(Self.hash)\nhttp_server_config:\n  headers:\n    X-Frame-Options: deny\n"
        )
        let time = ManualInstant()
        let hub = SnapshotHub(interval: .seconds(1)) { time.now }
        let routes = Routes(hub: hub, bodies: SnapshotBodies(hub: hub, selection: MetricSelection()) { $0() })
        let frame = try #require(HTTPFields.Element.Name("X-Frame-Options"))
        try await Application(router: routes.router(access: access)).test(.router) { client in
            for (path, status) in [
                ("/healthz", 200), ("/readyz", 503), ("/metrics", 401), ("/api/v1/snapshot", 401), ("/", 401),
                ("/nothing", 401), ("/healthz/x", 401), ("/healthz/../metrics", 401), ("//metrics", 401),
                ("/%6detrics", 401), ("/metrics?/healthz", 401),
            ] {
                let answer = try await client.execute(uri: path, method: .get)
                #expect(answer.status.code == status, "\(path)")
                #expect(answer.headers[frame] == "deny", "\(path)")
                #expect((answer.headers[.wwwAuthenticate] != nil) == (status == 401), "\(path)")
            }
            let known = try await client.execute(uri: "/nothing", method: .get, headers: [.authorization: Self.right])
            #expect(known.status == .notFound && known.headers[frame] == "deny")
            for _ in 0..<5 {
                _ = try await client.execute(uri: "/", method: .get, headers: [.authorization: "Basic bm8="])
            }
            let late = try await client.execute(uri: "/", method: .get, headers: [.authorization: "Basic bm8="])
            #expect(late.status == .tooManyRequests && late.headers[.retryAfter] == "1")
        }
    }

    /// The moment at which Kubernetes must be asked again is over when the stream begins.
    @Test(.timeLimit(.minutes(1))) func aStreamEndsWhenTrustInItsTokenDoes() async throws {
        struct Reviewer: TokenReviewer {
            func review(_ token: String, _ path: String) async -> TokenVerdict {
                .allowed(until: ContinuousClock().systemEpoch)
            }
            func close() async {}
        }
        var files = AccessFiles()
        files.reviewsTokens = true
        let access = try WebAccess(files, listen: .standard, reviewer: Reviewer(), logger: log.logger) { $0() }
        let hub = SnapshotHub(interval: .seconds(1))
        hub.publish(fullSnapshot())
        let routes = Routes(hub: hub, bodies: SnapshotBodies(hub: hub, selection: MetricSelection()) { $0() })
        try await Application(router: routes.router(access: access)).test(.router) { client in
            let answer = try await client.execute(
                uri: "/api/v1/stream", method: .get, headers: [.authorization: "Bearer x"])
            #expect(answer.status == .ok && String(buffer: answer.body) == "retry: 3000\n\n")
        }
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"), ("::1", "::/64"),
    ]) func clientsAreCountedByNetwork(_ address: String, _ name: String) throws {
        #expect(ClientNetwork.name(try SocketAddress(ipAddress: address, port: 1)) == name)
        #expect(ClientNetwork.name(nil).isEmpty)
    }
}

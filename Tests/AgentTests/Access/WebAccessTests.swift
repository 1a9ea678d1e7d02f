import Glibc
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Settings
import Snapshot
import SnapshotSamples
import Synchronization
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
    /// Of credentials that came into force.
    private let changes = Counter()
    /// Of all connections.
    private let closings = Counter()

    private final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock(\.self) }
        func add() { value.withLock { $0 += 1 } }
    }

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
        return try WebAccess(
            files, listen: listen, logger: log.logger,
            endings: .init(streams: { [changes] in changes.add() }, connections: { [closings] in closings.add() })
        ) { $0() }
    }

    /// Two looks: the files rest.
    private func look(at access: WebAccess) {
        for _ in 0..<2 { access.reload(isAsked: false) }
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
        #expect(log.count("read again") == 0)
        try directory.write("basic_auth_users:\n  bob: \(Self.hash)\n", to: "web.yml")
        access.reload(isAsked: false)
        // It may be written still.
        #expect(await decision() == .granted && changes.count == 0)
        access.reload(isAsked: false)
        #expect(await decision() == .refused && changes.count == 1)
        #expect(log.count("read again") == 1)
        // The same rules in another file end nothing.
        try directory.write("# x\nbasic_auth_users:\n  bob: \(Self.hash)\n", to: "web.yml")
        access.reload(isAsked: true)
        #expect(log.count("read again") == 2 && changes.count == 1)
    }

    @Test func badFilesLeaveTheOldOnesInForce() async throws {
        let access = try access(config: "basic_auth_users:\n  alice: \(Self.hash)\n")
        try directory.write("basic_auth_users:\n  alice: secret\n", to: "web.yml")
        // Once more is looked: one file may have been written before the other.
        access.reload(isAsked: false)
        #expect(access.status.failures == 0)
        for _ in 0..<3 { access.reload(isAsked: false) }
        #expect(access.status.failures == 1 && access.notices(at: 0).first?.contains("line 2") == true)
        #expect(log.count("cannot use") == 1)
        #expect(await access.control.decide(Self.right, from: "c", for: "/") == .granted)
        #expect(!log.all.joined().contains("secret") && !access.notices(at: 0).joined().contains("secret"))
        // Asked for, it is said again.
        access.reload(isAsked: true)
        #expect(access.status.failures == 2)
        unlink(directory.path + "/web.yml")
        for _ in 0..<3 { access.reload(isAsked: false) }
        #expect(access.status.failures == 3)
        try directory.write("basic_auth_users:\n  bob: \(Self.hash)\n", to: "web.yml")
        look(at: access)
        #expect(access.status.problem == nil && !access.control.isOpen)
    }

    /// As an editor leaves them for a moment: truncated, written in part.
    @Test(arguments: [
        "", "\n \n", "basic_auth_users:\n", "# users\n", "tls_server_config:\n  cert_file: a.pem\n  key_file: a.key\n",
    ])
    func aFileThatIsCutShortOpensNothing(_ text: String) async throws {
        try makeCertificate("a")
        let access = try access(config: "basic_auth_users:\n  alice: \(Self.hash)\n")
        try directory.write(text, to: "web.yml")
        for count in 0..<5 {
            access.reload(isAsked: false)
            #expect(access.status.failures == (count == 0 ? 0 : 1))
        }
        #expect(!access.control.isOpen && changes.count == 0)
        #expect(await access.control.decide(nil, from: "c", for: "/") == .refused)
        #expect(await access.control.decide(Self.right, from: "c", for: "/") == .granted)
        #expect(log.count("cannot use") == 1 && access.notices(at: 0).count == 1)
        access.reload(isAsked: true)
        #expect(!access.control.isOpen && access.status.failures == 2)
    }

    @Test(arguments: [
        ("tls_server_config", "TLS"), ("  client_auth_type", "clients' certificates"),
    ]) func neitherTLSNorCertificatesOfClientsEndUnnoticed(_ cut: String, _ words: String) throws {
        try makeCertificate("a")
        let users = "basic_auth_users:\n  alice: \(Self.hash)\n"
        let whole = users + tls("a") + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: a.pem\n"
        let access = try access(config: whole)
        let before = try #require(access.tls.current)
        let end = try #require(whole.firstRange(of: cut))
        try directory.write(String(whole[..<end.lowerBound]), to: "web.yml")
        look(at: access)
        #expect(access.tls.current === before && access.status.problem?.contains(words) == true)
        try directory.write(whole, to: "web.yml")
        look(at: access)
        #expect(access.tls.current !== before && access.status.problem == nil)
    }

    /// They were accepted by another authority, or none.
    @Test func connectionsEndWhereOtherClientsMayConnect() throws {
        for name in ["a", "ca", "new"] { try makeCertificate(name) }
        let access = try access(config: "# nothing\n")
        let clients = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
        for (config, count) in [(tls("a"), 1), (tls("a") + clients, 2), ("# x\n" + tls("a") + clients, 2)] {
            try directory.write(config, to: "web.yml")
            look(at: access)
            #expect(access.status.problem == nil && closings.count == count)
        }
        // A new certificate of the server's own ends nothing.
        rename(directory.path + "/new.pem", directory.path + "/a.pem")
        rename(directory.path + "/new.key", directory.path + "/a.key")
        look(at: access)
        #expect(access.status.failures == 0 && closings.count == 2)
        rename(directory.path + "/a.pem", directory.path + "/ca.pem")
        try makeCertificate("a")
        look(at: access)
        #expect(access.status.failures == 0 && closings.count == 3 && changes.count == 0)
    }

    @Test func filesThatChangeWhileTheyAreReadAreReadAgain() throws {
        try directory.write("first-token-0123456789\n", to: "t")
        var files = AccessFiles()
        files.tokens = [directory.path + "/t"]
        var readings = 0
        let settled = SettledAccess(files, known: files.tokens) {
            readings += 1
            if readings == 1 { try? directory.write("second-token-0123456789\n", to: "t") }
        }
        let rules = try settled.result.get().rules
        #expect(readings == 2 && rules.tokens == [Array("second-token-0123456789".utf8)])
        #expect(settled.signature == FileSignature(files.tokens))
        // One that never rests.
        let restless = SettledAccess(files, known: files.tokens) {
            readings += 1
            try? directory.write(String(repeating: "x", count: 100 + readings), to: "t")
        }
        #expect(restless.signature == nil)
        #expect(throws: WebConfig.Failure.changing) { try restless.result.get() }
    }

    @Test func filesThatKeepChangingAreReportedOnce() throws {
        try directory.write("first-token-0123456789\n", to: "t")
        let access = try access(tokens: ["t"])
        for look in 1...(3 * WebAccess.mostLooks) {
            try directory.write("first-token-0123456789\n" + String(repeating: "#", count: look), to: "t")
            access.reload(isAsked: false)
            #expect(access.status.failures == (look < WebAccess.mostLooks ? 0 : 1))
        }
        #expect(log.count("keep changing") == 1 && changes.count == 0)
        look(at: access)
        #expect(access.status.problem == nil)
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
        look(at: access)
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
        look(at: access)
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
        ("a: b", "line 1: unknown key a"), ("", "the file is empty"), (" \n\n", "the file is empty"),
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
        let config = hasUsers ? "basic_auth_users:\n  alice: \(Self.hash)\n" : "# nothing\n"
        _ = try access(config: config, listen: listen)
        // Readable by everyone, which is another matter.
        let texts = log.all.filter { !$0.contains("chmod") }
        #expect(texts.count == warnings, "\(texts)")
        #expect(texts.allSatisfy { $0.contains(hasUsers ? "clear text" : "everyone who can reach") })
    }

    @Test func secretsThatEveryoneCanReadAreWarnedOf() throws {
        try directory.write("good-token-0123456789", to: "t")
        chmod(directory.path + "/t", 0o644)
        _ = try access(tokens: ["t"])
        #expect(log.count("chmod o-r \(directory.path)/t") == 1)
        chmod(directory.path + "/t", 0o640)
        _ = try access(tokens: ["t"])
        #expect(log.count("chmod") == 1)
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
            func allowance(of token: String, _ path: String) -> ContinuousClock.Instant? { nil }
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

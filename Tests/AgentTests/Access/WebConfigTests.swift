import NIOSSL
import TestSupport
import Testing

@testable import Agent

/// The file that Prometheus' exporters share: every key of theirs is read or refused by name.
@Suite struct WebConfigTests {
    private static let hash = "$2y$04$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS"

    private func read(_ text: String) throws -> WebConfig { try WebConfig(Array(text.utf8), directory: "/etc/x") }

    @Test func everyKeyIsRead() throws {
        let config = try read(
            """
            # comment
            tls_server_config:
              cert_file: server.pem
              key_file: /k/key.pem
              client_auth_type: "RequireAndVerifyClientCert"
              client_ca_file: ca.pem
              min_version: TLS12
              max_version: TLS13
              prefer_server_cipher_suites: true
              cipher_suites:
                - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                - TLS_AES_128_GCM_SHA256
                - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305
              curve_preferences: [X25519, CurveP256]
            http_server_config:
              http2: true
              headers:
                Strict-Transport-Security: max-age=31536000; includeSubDomains
                x-frame-options: deny
            basic_auth_users:
              alice: \(Self.hash)
              "bob smith": '\(Self.hash)'
            """)
        let tls = try #require(config.tls)
        #expect(tls.certificateFile == "/etc/x/server.pem" && tls.keyFile == "/k/key.pem")
        #expect(tls.clientAuthorityFile == "/etc/x/ca.pem" && tls.needsClientCertificate)
        #expect(tls.oldest == .tlsv12 && tls.newest == .tlsv13)
        #expect(
            tls.ciphers == [
                .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            ])
        #expect(tls.curves == [.x25519, .secp256r1])
        #expect(config.users == ["alice": Self.hash, "bob smith": Self.hash])
        #expect(config.headers.map(\.name) == ["Strict-Transport-Security", "X-Frame-Options"])
        #expect(config.headers.first?.value == "max-age=31536000; includeSubDomains")
    }

    @Test(arguments: ["", "# nothing\n", "tls_server_config:\n", "basic_auth_users:\nhttp_server_config:\n"])
    func anEmptyFileProtectsNothing(_ text: String) throws {
        #expect(try read(text) == WebConfig())
    }

    private static let tls = "tls_server_config:\n  cert_file: c\n  key_file: k\n  "

    @Test(arguments: [
        ("a: b", "line 1: unknown key a"), ("- a", "line 1"), ("tls_server_config: yes", "keys below"),
        ("tls_server_config:\n  cert_file: c", "needs cert_file and key_file"),
        (tls + "cipher_suits: []", "line 4: unknown key cipher_suits"),
        (tls + "cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]", "TLS_RSA_WITH_RC4_128_SHA is not one of"),
        (tls + "curve_preferences: [CurveP224]", "CurveP224 is not one of"),
        (tls + "cipher_suites: x", "must be a list"), (tls + "min_version: TLS10", "must be TLS12 or TLS13"),
        (tls + "client_ca_file: ca", "checks no client"),
        (tls + "min_version: TLS13\n  max_version: TLS12", "min_version is newer than max_version"),
        (tls + "client_auth_type: RequireAnyClientCert", "is not one of"),
        (tls + "client_auth_type: RequireAndVerifyClientCert", "needs client_ca_file"),
        (tls + "client_allowed_sans: [a]", "not supported"), (tls + "cert: x", "cert_file"),
        (tls + "key_file: other", "is there twice"), (tls + "min_version: [TLS12]", "must be one value"),
        ("basic_auth_users:\n  a: secret", "line 2: the password of a is no bcrypt hash"),
        ("basic_auth_users:\n  a: $2y$31$abcdefghijklmnopqrstuu1eR7LURW6TsRX3bwyV1nrQ06btvJ.HS", "cost"),
        ("basic_auth_users:\n  'a:b': \(hash)", "colon"), ("basic_auth_users: [a]", "keys below"),
        ("http_server_config:\n  headers:\n    Set-Cookie: a", "line 3: unknown key Set-Cookie"),
        ("http_server_config:\n  headers:\n    X-Frame-Options: \"a\\nSet-Cookie: b\"", "no header may have"),
        ("http_server_config:\n  timeout: 5", "unknown key timeout"),
    ])
    func mistakesAreNamed(_ text: String, _ words: String) throws {
        let failure = try #require(throws: WebConfig.Failure.self) { try read(text) }
        #expect(failure.description.contains(words), "\(failure)")
        // What was taken for a hash may be the password.
        #expect(!failure.description.contains("secret"))
    }

    @Test func theFileIsNamedAndBounded() throws {
        let directory = try TemporaryDirectory()
        try directory.write("tls_server_config:\n  a: b\n", to: "w.yml")
        let path = directory.path + "/w.yml"
        let failure = try #require(throws: WebConfig.Failure.self) { try WebConfig(path: path) }
        #expect(failure.description.hasPrefix("\(path): line 2: unknown key a"), "\(failure)")
        try directory.write(String(repeating: "# x\n", count: 20_000), to: "w.yml")
        #expect(
            try #require(throws: WebConfig.Failure.self) { try WebConfig(path: path) }.description.contains("64 KiB"))
        #expect(throws: WebConfig.Failure.self) { try WebConfig(path: path + ".missing") }
        #expect(throws: WebConfig.Failure.self) { try WebConfig(path: directory.path) }
    }
}

import FoundationEssentials
import Glibc
import Linux
import TestSupport

/// collector.py, a process of its own for each test.
final class Collector: Sendable {
    enum Security: String { case none, tls, mtls }

    struct Request: Decodable {
        let number: Int
        let path: String
        let status: Int?
        let headers: [String: String]
        let points: Int
        let digest: String
        let lines: [String]
        let faults: [String]
    }

    let directory: TemporaryDirectory
    private let security: Security
    private let port: Int
    nonisolated(unsafe) private var child: Child?

    var endpoint: String { "\(security == .none ? "http" : "https")://127.0.0.1:\(port)/v1/metrics" }

    /// - Parameter script: answers, see collector.py.
    init(_ script: String = "", security: Security = .none) throws {
        directory = try TemporaryDirectory()
        self.security = security
        try directory.write("[\(script)]", to: "script")
        if security != .none {
            try Self.makeAuthority(directory.path)
            try Self.makeCertificate(directory.path, "cert", of: "127.0.0.1")
        }
        (child, port) = try Self.start(directory.path, security, port: 0)
    }

    private static func start(_ directory: String, _ security: Security, port: Int) throws -> (Child, Int) {
        let child = try Child(
            try pythonScript("PushingTests/collector.py") + [directory]
                + (security == .none ? [] : [security.rawValue]), environment: ["COLLECTOR_PORT": "\(port)"])
        let found = try waitFor("the collector's port", within: 30) {
            child.output.split(separator: "\n").first.flatMap { Int($0) }
        }
        return (child, found)
    }

    /// Replaces the answers to come: that of request `n` is the `n`-th.
    func answer(_ script: String) throws { try directory.write("[\(script)]", to: "script") }

    /// Nothing listens from now on.
    func stop() { child = nil }

    /// At the same address again.
    func restart() throws { child = try Self.start(directory.path, security, port: port).0 }

    /// Those that came so far, in their order.
    var requests: [Request] {
        get throws {
            try documents(inLog: directory.path + "/log") { line in
                try JSONDecoder().decode(Request.self, from: Data(line.utf8))
            }
        }
    }

    /// Numbers of requests whose body has arrived, answered or not.
    var arrived: [Int] {
        let text = (try? readText(directory.path + "/arrived")) ?? ""
        return text.split(separator: "\n").compactMap { Int($0) }
    }

    /// Those that were accepted.
    var accepted: [Request] {
        get throws { try requests.filter { $0.status.map { (200..<300).contains($0) } ?? false } }
    }

    // MARK: Certificates

    static func makeAuthority(_ directory: String) throws {
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj",
            "/CN=authority", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", directory + "/ca-key.pem",
            "-out", directory + "/ca.pem")
    }

    /// `NAME.pem` and, beside a certificate called `cert`, `key.pem`; else `NAME-key.pem`.
    static func makeCertificate(_ directory: String, _ name: String, of subject: String) throws {
        let key = directory + (name == "cert" ? "/key.pem" : "/\(name)-key.pem")
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=IP:\(subject)", "-keyout", key, "-out", directory + "/\(name).csr")
        try openssl(
            "x509", "-req", "-in", directory + "/\(name).csr", "-CA", directory + "/ca.pem", "-CAkey",
            directory + "/ca-key.pem", "-CAcreateserial", "-days", "2", "-copy_extensions", "copy", "-out",
            directory + "/\(name).pem")
    }

    private static func openssl(_ arguments: String...) throws {
        let made = try Child.run(["openssl"] + arguments)
        guard made.code == 0 else { throw Failure("openssl: \(made.output)") }
    }
}

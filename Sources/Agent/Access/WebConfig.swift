internal import Linux
internal import NIOSSL
internal import Settings

/// What the file of `--web.config.file` says, in the form that Prometheus' exporters share:
/// https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
struct WebConfig: Equatable {
    struct TLS: Equatable {
        var certificateFile = ""
        var keyFile = ""
        /// The authorities of clients' certificates; nil where clients need none.
        var clientAuthorityFile: String?
        /// False where a client may come without a certificate.
        var needsClientCertificate = true
        var oldest = TLSVersion.tlsv12
        var newest: TLSVersion?
        /// Of TLS 1.2; empty for the library's. Those of 1.3 cannot be chosen.
        var ciphers: [NIOTLSCipher] = []
        var curves: [NIOTLSCurve] = []
    }

    var tls: TLS?
    /// Hashes of passwords by user.
    var users: [String: String] = [:]
    /// Sent with every answer.
    var headers: [(name: String, value: String)] = []

    static func == (a: WebConfig, b: WebConfig) -> Bool {
        a.tls == b.tls && a.users == b.users && a.headers.elementsEqual(b.headers, by: ==)
    }

    /// Why the file cannot be used.
    struct Failure: Error, CustomStringConvertible, Equatable {
        let description: String
    }

    private static let largest = 64 << 10
    private static let mostUsers = 1000

    init() {}

    /// Reads the file at `path`. May take as long as its file system does.
    init(path: String) throws(Failure) {
        let content: [UInt8]
        do {
            content = try readNamedFile(path, limit: Self.largest + 1)
        } catch {
            throw Failure(description: "\(error)")
        }
        guard content.count <= Self.largest else {
            throw Failure(description: "\(printable(path)): larger than \(Self.largest >> 10) KiB")
        }
        // As it is for a moment while it is written. A file that protects nothing on purpose has a comment.
        guard content.contains(where: { $0 > 0x20 }) else {
            throw Failure(
                description:
                    "\(printable(path)): the file is empty, and would protect nothing: write it again, or leave "
                    + "out --web.config.file")
        }
        do {
            try self.init(content, directory: parentDirectory(of: path))
        } catch {
            throw Failure(description: "\(printable(path)): \(error)")
        }
    }

    /// - Parameter directory: that paths in the file start from.
    init(_ content: [UInt8], directory: String) throws(Failure) {
        do throws(PlainYAML.Failure) {
            guard case .map(let sections) = try PlainYAML(content) else {
                throw PlainYAML.Failure(line: 1, reason: "not of the form `key: value`")
            }
            for section in sections {
                switch section.key {
                case "tls_server_config": tls = try Self.tls(section, directory)
                case "basic_auth_users": users = try Self.users(section)
                case "http_server_config": headers = try Self.headers(section)
                default: throw Self.unknown(section, ["tls_server_config", "basic_auth_users", "http_server_config"])
                }
            }
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private static func unknown(_ entry: PlainYAML.Entry, _ known: [String]) -> PlainYAML.Failure {
        PlainYAML.Failure(
            line: entry.line,
            reason: "unknown key \(printable(entry.key, limit: 60)): there are \(known.joined(separator: ", "))")
    }

    private static func entries(_ entry: PlainYAML.Entry) throws(PlainYAML.Failure) -> [PlainYAML.Entry] {
        switch entry.value {
        case .map(let entries): return entries
        case .scalar(""): return []
        default: throw PlainYAML.Failure(line: entry.line, reason: "\(entry.key) must have keys below it")
        }
    }

    private static func text(_ entry: PlainYAML.Entry) throws(PlainYAML.Failure) -> String {
        guard case .scalar(let text) = entry.value else {
            throw PlainYAML.Failure(line: entry.line, reason: "\(printable(entry.key, limit: 60)) must be one value")
        }
        return text
    }

    private static func words(_ entry: PlainYAML.Entry) throws(PlainYAML.Failure) -> [String] {
        let refusal = PlainYAML.Failure(line: entry.line, reason: "\(entry.key) must be a list of names")
        if case .scalar("") = entry.value { return [] }
        guard case .list(let items) = entry.value else { throw refusal }
        return try items.map { (item) throws(PlainYAML.Failure) in
            guard case .scalar(let text) = item else { throw refusal }
            return text
        }
    }

    // MARK: TLS

    private static func tls(_ section: PlainYAML.Entry, _ directory: String) throws(PlainYAML.Failure) -> TLS? {
        let known = [
            "cert_file", "key_file", "client_auth_type", "client_ca_file", "min_version", "max_version",
            "prefer_server_cipher_suites", "cipher_suites", "curve_preferences",
        ]
        var tls = TLS()
        var clients = ""
        var authority: String?
        let entries = try entries(section)
        guard !entries.isEmpty else { return nil }
        for entry in entries {
            func path() throws(PlainYAML.Failure) -> String {
                let text = try text(entry)
                return text.isEmpty || text.hasPrefix("/") ? text : directory + "/" + text
            }
            switch entry.key {
            case "cert_file": tls.certificateFile = try path()
            case "key_file": tls.keyFile = try path()
            case "client_ca_file": authority = try path()
            case "client_auth_type", "clientAuth": clients = try text(entry)
            case "min_version": tls.oldest = try version(entry)
            case "max_version": tls.newest = try version(entry)
            // The server's order is always the one that counts.
            case "prefer_server_cipher_suites": _ = try text(entry)
            case "cipher_suites": tls.ciphers = try TLSNames.ciphers(in: words(entry), entry)
            case "curve_preferences": tls.curves = try TLSNames.curves(in: words(entry), entry)
            case "cert", "key", "client_ca":
                throw PlainYAML.Failure(
                    line: entry.line,
                    reason: "\(entry.key) is not read from here: write the file's name to \(entry.key)_file")
            case "client_allowed_sans":
                throw PlainYAML.Failure(
                    line: entry.line,
                    reason:
                        "client_allowed_sans is not supported, and every client of client_ca_file would be accepted: "
                        + "use an authority of its own for those that may read")
            default: throw unknown(entry, known)
            }
        }
        if tls.oldest == .tlsv13, tls.newest == .tlsv12 {
            throw PlainYAML.Failure(
                line: section.line, reason: "min_version is newer than max_version: no client could connect")
        }
        guard !tls.certificateFile.isEmpty, !tls.keyFile.isEmpty else {
            throw PlainYAML.Failure(line: section.line, reason: "tls_server_config needs cert_file and key_file")
        }
        switch clients {
        case "", "NoClientCert":
            guard authority?.isEmpty ?? true else {
                throw PlainYAML.Failure(
                    line: section.line,
                    reason: "client_ca_file without client_auth_type: RequireAndVerifyClientCert checks no client")
            }
        case "RequireAndVerifyClientCert", "VerifyClientCertIfGiven":
            guard let authority, !authority.isEmpty else {
                throw PlainYAML.Failure(line: section.line, reason: "\(clients) needs client_ca_file")
            }
            tls.clientAuthorityFile = authority
            tls.needsClientCertificate = clients == "RequireAndVerifyClientCert"
        default:
            throw PlainYAML.Failure(
                line: section.line,
                reason: "client_auth_type \(printable(clients, limit: 60)) is not one of NoClientCert, "
                    + "VerifyClientCertIfGiven, RequireAndVerifyClientCert: certificates that are not verified prove "
                    + "nothing")
        }
        return tls
    }

    private static func version(_ entry: PlainYAML.Entry) throws(PlainYAML.Failure) -> TLSVersion {
        switch try text(entry) {
        case "TLS12": return .tlsv12
        case "TLS13": return .tlsv13
        default: throw PlainYAML.Failure(line: entry.line, reason: "\(entry.key) must be TLS12 or TLS13")
        }
    }

    // MARK: Users and headers

    private static func users(_ section: PlainYAML.Entry) throws(PlainYAML.Failure) -> [String: String] {
        var users: [String: String] = [:]
        for entry in try entries(section) {
            let hash = try text(entry)
            guard PasswordHash.isUsable(hash) else {
                throw PlainYAML.Failure(
                    line: entry.line,
                    reason: "the password of \(printable(entry.key, limit: 60)) is no bcrypt hash of cost "
                        + "\(PasswordHash.costs.lowerBound) to \(PasswordHash.costs.upperBound): make one with "
                        + "`htpasswd -nBC 10 NAME`")
            }
            guard !entry.key.isEmpty, !entry.key.contains(":") else {
                throw PlainYAML.Failure(line: entry.line, reason: "a name of a user cannot be empty or have a colon")
            }
            users[entry.key] = hash
        }
        guard users.count <= mostUsers else {
            throw PlainYAML.Failure(line: section.line, reason: "more than \(mostUsers) users")
        }
        return users
    }

    private static let settableHeaders = [
        "Content-Security-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options",
        "X-XSS-Protection",
    ]

    private static func headers(
        _ section: PlainYAML.Entry
    ) throws(PlainYAML.Failure) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for entry in try entries(section) {
            switch entry.key {
            case "http2":
                // HTTP/1.1 is what every scraper speaks.
                _ = try text(entry)
            case "headers":
                for header in try entries(entry) {
                    guard let name = settableHeaders.first(where: { $0.lowercased() == header.key.lowercased() }) else {
                        throw unknown(header, settableHeaders)
                    }
                    let value = try text(header)
                    guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
                        throw PlainYAML.Failure(line: header.line, reason: "\(name) has a character no header may have")
                    }
                    headers.append((name, value))
                }
            default: throw unknown(entry, ["http2", "headers"])
            }
        }
        return headers
    }
}

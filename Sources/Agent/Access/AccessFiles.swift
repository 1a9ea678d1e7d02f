internal import Glibc
internal import Linux
internal import NIOSSL
package import Settings

/// The files that say who may read.
package struct AccessFiles: Sendable, Equatable {
    package var config: String?
    package var tokens: [String] = []
    /// True where Kubernetes is asked as well.
    package var reviewsTokens = false

    package init() {}

    package init(_ values: WebValues) {
        config = values.configFile
        tokens = values.tokenFiles
        reviewsTokens = values.reviewsTokens
    }

    /// True where there is no file to read. Kubernetes may be asked all the same.
    var isEmpty: Bool { config == nil && tokens.isEmpty }
}

/// What the files say, read and checked.
struct LoadedAccess {
    var rules = AccessControl.Rules()
    var headers: [(name: String, value: String)] = []
    /// nil for no TLS.
    var identity: ServerIdentity?
    /// True where every client shows a certificate.
    var needsClientCertificate = false
    /// What works and should not stay so.
    var warnings: [String] = []

    /// What keeps others from reading.
    var protection: Protection {
        var protection: Protection = []
        if !rules.isOpen { protection.insert(.credentials) }
        if identity != nil { protection.insert(.tls) }
        if needsClientCertificate { protection.insert(.clientCertificates) }
        return protection
    }

    /// Reads all of it. May take as long as the files' file systems do, a second for each.
    ///
    /// - Parameter paths: every file that was looked at, also where it throws.
    init(_ files: AccessFiles, paths: inout [String]) throws(WebConfig.Failure) {
        paths = (files.config.map { [$0] } ?? []) + files.tokens
        rules.asksKubernetes = files.reviewsTokens
        if let path = files.config {
            let config: WebConfig
            do throws(WebConfig.Failure) {
                config = try WebConfig(path: path)
            } catch {
                throw WebConfig.Failure(description: "--web.config.file: \(error)")
            }
            rules.users = config.users
            headers = config.headers
            if !config.users.isEmpty { warnUnlessPrivate(path, "the passwords' hashes") }
            if let tls = config.tls {
                paths += [tls.certificateFile, tls.keyFile] + (tls.clientAuthorityFile.map { [$0] } ?? [])
                do throws(WebConfig.Failure) {
                    identity = try ServerIdentity(tls)
                } catch {
                    throw WebConfig.Failure(description: "--web.config.file: \(printable(path)): \(error)")
                }
                needsClientCertificate = tls.clientAuthorityFile != nil && tls.needsClientCertificate
                warnUnlessPrivate(tls.keyFile, "the private key")
            }
        }
        for path in files.tokens {
            rules.tokens += try TokenFile.tokens(path: path)
            warnUnlessPrivate(path, "the tokens")
        }
    }

    private mutating func warnUnlessPrivate(_ path: String, _ content: String) {
        guard let exposed = ExposedSecret(path, content: content) else { return }
        warnings.append("\(exposed.finding): \(exposed.remedy)")
    }
}

/// What keeps others from reading.
struct Protection: OptionSet, Sendable {
    let rawValue: Int

    /// Passwords, tokens or accounts of Kubernetes.
    static let credentials = Protection(rawValue: 1)
    static let tls = Protection(rawValue: 2)
    static let clientCertificates = Protection(rawValue: 4)

    /// For messages.
    var words: String {
        let names = [
            (Self.credentials, "passwords and tokens"), (.tls, "TLS"), (.clientCertificates, "clients' certificates"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}

/// What the files say, as it was read while none of them changed.
struct SettledAccess {
    let result: Result<LoadedAccess, WebConfig.Failure>
    /// Every file that was looked at.
    let paths: [String]
    /// Of all of them, the same before and after they were read; nil where they did not settle.
    let signature: FileSignature?

    /// Reads the files again where one changes meanwhile; after some attempts that is an error.
    ///
    /// - Parameters:
    ///   - known: the files that were looked at before. Others may be named in them since.
    ///   - afterReading: called after each attempt; for tests.
    init(_ files: AccessFiles, known: [String], afterReading: () -> Void = {}) {
        var paths = known
        for _ in 0..<Self.attempts {
            let before = FileSignature(paths)
            var read: [String] = []
            let result = Result { () throws(WebConfig.Failure) in try LoadedAccess(files, paths: &read) }
            afterReading()
            if read == paths, FileSignature(read) == before {
                (self.result, self.paths, signature) = (result, read, before)
                return
            }
            paths = read
        }
        result = .failure(.changing)
        self.paths = paths
        signature = nil
    }

    /// One more than files take that name others.
    private static let attempts = 4
}

extension WebConfig.Failure {
    static let changing = WebConfig.Failure(description: "the files that say who may read keep changing")
}

/// Which content files have, by what the kernel says of them: also where a link leads to another file. Takes a second for
/// each file system that hangs, whose files have no content then.
struct FileSignature: Equatable {
    private let numbers: [Int]

    init(_ paths: [String]) {
        guard PathProbe.silence(at: paths, within: 1) == nil else {
            numbers = [-Int(ETIMEDOUT)]
            return
        }
        numbers = paths.flatMap { path -> [Int] in
            var status = stat()
            guard stat(path, &status) == 0 else { return [-Int(errno)] }
            return [
                Int(bitPattern: UInt(status.st_dev)), Int(bitPattern: UInt(status.st_ino)), Int(status.st_size),
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
            ]
        }
    }
}

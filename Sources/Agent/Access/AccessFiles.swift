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

    /// True where they may change.
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
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o004 != 0 else { return }
        warnings.append("every user of this machine can read \(content): chmod o-r \(printable(path))")
    }
}

/// Which content files have, by what the kernel says of them: also where a link leads to another file.
struct FileSignature: Equatable {
    private let numbers: [Int]

    init(_ paths: [String]) {
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

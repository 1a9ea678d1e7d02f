internal import Linux
internal import Logging
internal import Settings
internal import Synchronization

/// Who may read, as the operator's files say it: what of them is in force, and what is wrong with newer ones.
final class WebAccess: Sendable {
    /// For the snapshot.
    struct Status: Equatable {
        /// Unix time; nil without TLS.
        var certificateExpiry: Double?
        /// Newer files that could not be used, since the start.
        var failures: UInt64 = 0
        /// Why the newest cannot; nil where they are in force.
        var problem: String?
    }

    private struct State {
        var paths: [String] = []
        /// Of the files that are in force, or whose problem was reported.
        var seen = FileSignature([])
        /// Of files that could not be used when they were first seen.
        var doubtful: FileSignature?
        var headers: [(name: String, value: String)] = []
        var status = Status()
    }

    let control: AccessControl
    private let reviewer: (any TokenReviewer)?
    let tls: TLSStore
    private let files: AccessFiles
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - listen: where they hold.
    ///   - work: where passwords are compared.
    /// - Throws: an ``AgentError`` where they cannot be used.
    init(
        _ files: AccessFiles, listen: ListenAddress, reviewer: (any TokenReviewer)? = nil, logger: Logger,
        work: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) throws {
        var state = State()
        let loaded: LoadedAccess
        do throws(WebConfig.Failure) {
            loaded = try LoadedAccess(files, paths: &state.paths)
        } catch {
            throw AgentError("\(error)", isConfiguration: true)
        }
        state.seen = FileSignature(state.paths)
        state.headers = loaded.headers
        state.status.certificateExpiry = loaded.identity?.expiry
        control = AccessControl(loaded.rules, reviewer: reviewer, work: work)
        tls = TLSStore(loaded.identity?.context)
        self.reviewer = reviewer
        self.files = files
        self.logger = logger
        self.state = Mutex(state)
        for warning in loaded.warnings + Self.warnings(loaded, listen) { logger.warning("\(warning)") }
    }

    /// Closes connections; the last call.
    func close() async { await reviewer?.close() }

    var status: Status { state.withLock(\.status) }
    /// Sent with every answer.
    var headers: [(name: String, value: String)] { state.withLock(\.headers) }
    /// True where files can change.
    var isWatched: Bool { !files.isEmpty }

    /// Notices for users; `now` is Unix time.
    func notices(at now: Double) -> [String] {
        let status = status
        var notices = status.problem.map { ["who may read: the files before stay in force: \($0)"] } ?? []
        if let expiry = status.certificateExpiry, expiry - now < 7 * 86_400 {
            let days = Int((expiry - now) / 86_400)
            notices.append(
                expiry < now
                    ? "the web server's certificate has expired: clients refuse it; renew cert_file"
                    : "the web server's certificate expires in \(days) \(days == 1 ? "day" : "days"): renew cert_file")
        }
        return notices
    }

    /// Puts the files in force where they have changed. Blocks for as long as their file systems do.
    ///
    /// - Parameter isAsked: also where they have not, and at once: else files that cannot be used get another moment,
    ///   because one after the other is written.
    func reload(isAsked: Bool) {
        let (paths, seen, doubtful) = state.withLock { ($0.paths, $0.seen, $0.doubtful) }
        let signature = FileSignature(paths)
        guard isAsked || signature != seen else { return }
        var read: [String] = []
        do throws(WebConfig.Failure) {
            let loaded = try LoadedAccess(files, paths: &read)
            // Of all that was read, as it was before where it was known.
            adopt(loaded, paths: read, read == paths ? signature : FileSignature(read))
        } catch {
            let failed = FileSignature(read)
            guard isAsked || failed == doubtful else {
                return state.withLock { state in
                    (state.doubtful, state.paths) = (failed, read)
                }
            }
            state.withLock { state in
                (state.seen, state.paths, state.doubtful) = (failed, read, nil)
                state.status.problem = "\(error)"
                state.status.failures += 1
            }
            logger.error("cannot use the new files, those before stay in force", metadata: ["error": "\(error)"])
        }
    }

    private func adopt(_ loaded: LoadedAccess, paths: [String], _ signature: FileSignature) {
        control.replace(loaded.rules)
        tls.replace(with: loaded.identity?.context)
        state.withLock { state in
            (state.seen, state.paths, state.doubtful) = (signature, paths, nil)
            state.headers = loaded.headers
            state.status.problem = nil
            state.status.certificateExpiry = loaded.identity?.expiry
        }
        logger.info("read again who may read", metadata: ["files": "\(paths.joined(separator: ","))"])
        for warning in loaded.warnings { logger.warning("\(warning)") }
    }

    /// What a network can see or do.
    private static func warnings(_ loaded: LoadedAccess, _ listen: ListenAddress) -> [String] {
        guard !LocalHosts.isLocal(listen.host) else { return [] }
        let isOpen = loaded.rules.isOpen && !loaded.needsClientCertificate
        if isOpen {
            return [
                "everyone who can reach \(listen) can read what this node does: docs/security.md, \"Who may read\""
            ]
        }
        return loaded.identity == nil
            ? [
                "passwords and tokens cross the network in clear text: set tls_server_config in --web.config.file, or "
                    + "listen on 127.0.0.1 behind a proxy"
            ] : []
    }
}

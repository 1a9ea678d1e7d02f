internal import Linux
internal import Logging
internal import NIOSSL
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

    /// What would outlive a change of who may read.
    struct Endings: Sendable {
        /// Ends the streams that were opened by the credentials of before.
        var streams: @Sendable () -> Void = {}
        /// Ends the connections that were made without TLS, or with a certificate of another authority.
        var connections: @Sendable () -> Void = {}
    }

    private struct State {
        var paths: [String] = []
        /// Of the files that are in force, or whose problem was reported.
        var seen = FileSignature([])
        /// Of files that have changed, as the last look saw them: they are read once two looks saw the same.
        var changing: FileSignature?
        /// At files that have changed.
        var looks = 0
        var protection: Protection = []
        /// Of clients' certificates.
        var authorities: [NIOSSLCertificate] = []
        var headers: [(name: String, value: String)] = []
        var status = Status()

        mutating func take(_ settled: SettledAccess) {
            // What did not settle is looked at again.
            if let signature = settled.signature { (paths, seen) = (settled.paths, signature) }
        }

        /// Nothing has changed since.
        mutating func restart() { (changing, looks) = (nil, 0) }
    }

    let control: AccessControl
    private let reviewer: (any TokenReviewer)?
    let tls: TLSStore
    private let files: AccessFiles
    private let endings: Endings
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - listen: where they hold.
    ///   - endings: what ends where others than before may read.
    ///   - work: where passwords are compared.
    /// - Throws: an ``AgentError`` where they cannot be used.
    init(
        _ files: AccessFiles, listen: ListenAddress, reviewer: (any TokenReviewer)? = nil, logger: Logger,
        endings: Endings = Endings(),
        work: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) throws {
        var state = State()
        let settled = SettledAccess(files, known: [])
        let loaded: LoadedAccess
        do throws(WebConfig.Failure) {
            loaded = try settled.result.get()
        } catch {
            throw AgentError("\(error)", isConfiguration: true)
        }
        state.take(settled)
        (state.protection, state.authorities) = (loaded.protection, loaded.identity?.authorities ?? [])
        state.headers = loaded.headers
        state.status.certificateExpiry = loaded.identity?.expiry
        control = AccessControl(loaded.rules, reviewer: reviewer, work: work)
        tls = TLSStore(loaded.identity?.context)
        self.reviewer = reviewer
        self.files = files
        self.endings = endings
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
    /// Nothing is taken that protects less than before: a file that is being written is empty for a moment, or ends in the
    /// middle. To end TLS, the need for clients' certificates, or all passwords and tokens, the agent is restarted.
    ///
    /// - Parameter isAsked: also where they have not, and at once: else they are read when two looks in a row saw the same
    ///   change, because one file after the other is written.
    func reload(isAsked: Bool) {
        let (paths, seen, changing) = state.withLock { ($0.paths, $0.seen, $0.changing) }
        let signature = FileSignature(paths)
        guard isAsked || signature != seen else { return state.withLock { $0.restart() } }
        guard isAsked || signature == changing else { return wait(for: signature) }
        let settled = SettledAccess(files, known: paths)
        guard settled.signature != nil || isAsked else { return wait(for: nil) }
        do throws(WebConfig.Failure) {
            let loaded = try settled.result.get()
            let lost = state.withLock(\.protection).subtracting(loaded.protection)
            guard lost.isEmpty else {
                throw WebConfig.Failure(
                    description: "they have no \(lost.words) any more: restart the agent if that is meant")
            }
            adopt(loaded, settled)
        } catch {
            state.withLock { state in
                state.take(settled)
                state.restart()
            }
            report(error)
        }
    }

    /// Of files that never rest nothing would be heard.
    private func wait(for signature: FileSignature?) {
        let looks = state.withLock { state in
            state.changing = signature
            state.looks += 1
            return state.looks
        }
        if looks == Self.mostLooks { report(.changing) }
    }

    private func report(_ error: WebConfig.Failure) {
        state.withLock { state in
            state.status.problem = "\(error)"
            state.status.failures += 1
        }
        logger.error("cannot use the new files, those before stay in force", metadata: ["error": "\(error)"])
    }

    /// At changing files, before that is reported.
    static let mostLooks = 15

    private func adopt(_ loaded: LoadedAccess, _ settled: SettledAccess) {
        tls.replace(with: loaded.identity?.context)
        let authorities = loaded.identity?.authorities ?? []
        let hasOtherClients = state.withLock { state in
            let hasOtherClients = (state.protection, state.authorities) != (loaded.protection, authorities)
            state.take(settled)
            state.restart()
            (state.protection, state.authorities) = (loaded.protection, authorities)
            state.headers = loaded.headers
            state.status.problem = nil
            state.status.certificateExpiry = loaded.identity?.expiry
            return hasOtherClients
        }
        if control.replace(loaded.rules) { endings.streams() }
        // A connection is looked at once, when it begins.
        if hasOtherClients { endings.connections() }
        logger.info("read again who may read", metadata: ["files": "\(settled.paths.joined(separator: ","))"])
        for warning in loaded.warnings { logger.warning("\(warning)") }
    }

    /// What a network can see or do.
    private static func warnings(_ loaded: LoadedAccess, _ listen: ListenAddress) -> [String] {
        guard !Loopback.contains(host: listen.host) else { return [] }
        if loaded.protection.isDisjoint(with: [.credentials, .clientCertificates]) {
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

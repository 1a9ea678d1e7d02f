import Fetching
import FoundationEssentials
import Glibc
import History
import Linux
import Settings
import Terminal

/// Where the past is read: a store on this machine, or an agent.
enum HistorySource {
    case file(String, HistoryReader)
    case agent(AgentClient)

    /// The file of the systemd unit and of the DaemonSet.
    static let usualPath = "/var/lib/energyd/history.db"
    /// Spans that are asked for at a time, s: so that there is progress to show, and no answer is large.
    private static let piece: Int64 = 31 * 86_400

    /// Opens the file, or finds the agent; without either the agents in the usual places, then the usual file. Throws
    /// a ``SourceFailure`` with everything that was tried.
    static func open(file: String?, address: AgentAddress?, access: AgentAccess) async throws -> HistorySource {
        if let file { return .file(file, try reader(file)) }
        var tried: [String] = []
        if let agent = try await SourceResolution.findAgent(address, access, tried: &tried) { return .agent(agent) }
        guard address == nil else {
            throw SourceFailure("no answer from the agent\n  tried \(tried.joined(separator: "\n  tried "))")
        }
        if fileExists(usualPath) { return .file(usualPath, try reader(usualPath)) }
        throw SourceFailure(
            """
            no agent answers, and there is no history on this machine
              tried \((tried + [usualPath]).joined(separator: "\n  tried "))
            Start energyd with --history.path FILE, or name an agent with --address or a file with --file.
            """)
    }

    private static func reader(_ path: String) throws -> HistoryReader {
        do {
            return try HistoryReader(path: path)
        } catch {
            throw SourceFailure("\(path): \(error)")
        }
    }

    var name: String {
        switch self {
        case .file(let path, _): path
        case .agent(let client): client.name
        }
    }

    /// What was used in a span, put together from pieces.
    ///
    /// - Parameter progress: is handed the share that is done, 0...1.
    func answer(
        since: Int64, until: Int64, boundaries: [Int64], progress: (Double) -> Void
    ) async throws -> HistoryAnswer {
        var whole: HistoryAnswer?
        var start = since
        var length = Self.piece
        while start < until {
            // Pieces meet at whole hours, which are never divided.
            let end = min(until, (start + length) / 3600 * 3600)
            let inside = Self.boundaries(boundaries, from: start, to: end)
            let answer: HistoryAnswer
            do {
                answer = try await piece(since: start, until: end, boundaries: inside)
            } catch let failure as SourceFailure where failure.kind == .tooLarge && end - start > 2 * 3600 {
                length = (end - start) / 2
                continue
            }
            if whole == nil { whole = answer } else { whole?.append(answer) }
            start = end
            progress(Double(end - since) / Double(until - since))
        }
        return whole ?? HistoryAnswer(since: since, until: until)
    }

    /// Those within a piece, and the one that its beginning lies in.
    private static func boundaries(_ all: [Int64], from start: Int64, to end: Int64) -> [Int64] {
        let begun = all.last { $0 <= start }.map { [$0] } ?? []
        return begun + all.filter { $0 > start && $0 < end }
    }

    private func piece(since: Int64, until: Int64, boundaries: [Int64]) async throws -> HistoryAnswer {
        switch self {
        case .file(let path, let reader):
            do {
                return try reader.answer(since: since, until: until, boundaries: boundaries).validated()
            } catch {
                throw SourceFailure("\(path): \(error)")
            }
        case .agent(let client):
            return try await client.history(since: since, until: until, boundaries: boundaries)
        }
    }

    func close() async {
        if case .agent(let client) = self { await client.close() }
    }
}

/// A line on a terminal that says how far something is.
struct ProgressLine {
    private let title: String
    private let isShown: Bool

    /// Shown where standard error is a terminal.
    init(_ title: String) {
        self.title = title
        isShown = isatty(STDERR_FILENO) == 1
    }

    func show(_ share: Double) {
        guard isShown else { return }
        let bar = String(repeating: "#", count: Int((share * 30).rounded()))
        let rest = String(repeating: ".", count: 30 - bar.count)
        try? Output.write(Array("\r\(title) [\(bar)\(rest)] \(Int(share * 100)) %".utf8), to: STDERR_FILENO)
        if share >= 1 { try? Output.write(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO) }
    }
}

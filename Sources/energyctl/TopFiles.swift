import Glibc
import Linux
import Snapshot
import Terminal

/// The files of `energyctl top`: what the user has chosen, and the last reading.
enum TopFiles {
    /// Far above what is ever written.
    private static let largest = 16 << 20

    /// `$XDG_CONFIG_HOME/energyctl/top.conf`; nil for a user without a home.
    static var settingsPath: String? { path("XDG_CONFIG_HOME", ".config", "top.conf") }

    private static var readingPath: String? { path("XDG_CACHE_HOME", ".cache", "top.json") }

    private static func path(_ variable: String, _ standard: String, _ name: String) -> String? {
        // The specification has relative ones ignored.
        let base =
            Environment.value(variable).flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? Environment.value("HOME").flatMap { $0.hasPrefix("/") ? "\($0)/\(standard)" : nil }
        return base.map { "\($0)/energyctl/\(name)" }
    }

    /// What the user has chosen, and what is wrong with the file, in words; nothing where there is none.
    static func settings() -> (settings: TopSettings, problem: String?) {
        guard let path = settingsPath else { return (TopSettings(), nil) }
        do throws(HostError) {
            let text = String(decoding: try readNamedFile(path, limit: 1 << 16), as: UTF8.self)
            let (settings, problems) = TopSettings.parse(text)
            return (settings, problems.first.map { "\(path): \($0)" })
        } catch {
            return (TopSettings(), error.code == .missing ? nil : "\(error)")
        }
    }

    /// What went wrong, in words.
    static func save(_ settings: TopSettings) -> String? {
        guard let path = settingsPath else { return "not kept: HOME is not set" }
        do {
            try replace(path, Array(settings.text.utf8))
            return nil
        } catch {
            return "not kept: \(error)"
        }
    }

    /// The reading that the view before this one ended with; nil where there is none.
    static func lastReading() -> Snapshot? {
        guard let path = readingPath, let bytes = try? readNamedFile(path, limit: largest) else { return nil }
        return try? Snapshot(json: bytes)
    }

    /// A reading that cannot be kept is none the next time.
    static func keep(_ snapshot: Snapshot) {
        guard let path = readingPath, let json = try? snapshot.json(), json.count <= largest else { return }
        try? replace(path, json)
    }

    /// Writes a file beside it and renames it, so that there is always a whole one.
    private static func replace(_ path: String, _ bytes: [UInt8]) throws(HostError) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        if let parent = directory.lastIndex(of: "/").map({ String(directory[..<$0]) }) { mkdir(parent, 0o700) }
        mkdir(directory, 0o700)
        let new = "\(path).\(getpid())"
        do throws(HostError) {
            let file = try OwnFile(creating: new)
            try file.write(bytes)
        } catch {
            unlink(new)
            throw error
        }
        guard rename(new, path) == 0 else {
            let error = HostError(errno: errno, path: path)
            unlink(new)
            throw error
        }
    }
}

internal import Glibc
internal import Linux

/// Whether the past can be kept.
///
/// - Parameter path: the history's file; nil where none is configured.
package func historyChecks(_ path: String?) -> [Check] {
    guard let path else {
        return [
            Check(
                "host", "history", .absent, "not kept: energyctl report has nothing to show (--history.path keeps it)")
        ]
    }
    let directory = parentDirectory(of: path)
    if let silence = PathProbe.silence(at: directory, within: 2) {
        return [
            Check(
                "host", "history", .fail, "\(silence)",
                remedy: "see what serves it, or set --history.path to a path on a disk of this machine")
        ]
    }
    // Beside the file, SQLite makes others.
    for place in fileExists(path) ? [directory, path] : [directory] where access(place, W_OK) != 0 {
        return [
            Check(
                "host", "history", .fail, "\(place) cannot be written: \(String(cString: strerror(errno)))",
                remedy: "create the directory of --history.path, with the agent's user as its owner")
        ]
    }
    return [Check("host", "history", .ok, "\(directory) is writable")]
}

internal import Glibc
internal import Linux

/// Whether a file of the agent can be kept at a path: its directory answers and can be written, because the file is replaced
/// there or has others beside it, and so can the file.
///
/// - Parameters:
///   - name: of the check.
///   - path: nil where none is configured.
///   - flag: that sets the path.
///   - absence: what follows from having none.
func storageCheck(_ name: String, path: String?, flag: String, absence: String) -> [Check] {
    guard let path else { return [Check("host", name, .absent, absence)] }
    let directory = parentDirectory(of: path)
    if let silence = PathProbe.silence(at: directory, within: 2) {
        return [
            Check(
                "host", name, .fail, "\(silence)",
                remedy: "see what serves it, or set \(flag) to a path on a disk of this machine")
        ]
    }
    for (place, mode) in [(directory, W_OK | X_OK), (path, W_OK)] where access(place, mode) != 0 {
        if place == path, errno == ENOENT { continue }
        return [
            Check(
                "host", name, .fail, "\(path) cannot be written: \(place): \(String(cString: strerror(errno)))",
                remedy: "create the directory of \(flag), with the agent's user as its owner")
        ]
    }
    return [Check("host", name, .ok, "\(directory) is writable")]
}

/// Whether totals can be kept across restarts of the agent.
///
/// - Parameter path: the state file; nil where none is configured.
package func stateChecks(_ path: String?) -> [Check] {
    storageCheck(
        "state", path: path, flag: "--state.file",
        absence: "not kept: counters begin at zero when the agent restarts (--state.file keeps them)")
}

/// Whether the past can be kept.
///
/// - Parameter path: the history's file; nil where none is configured.
package func historyChecks(_ path: String?) -> [Check] {
    storageCheck(
        "history", path: path, flag: "--history.path",
        absence: "not kept: energyctl report has nothing to show (--history.path keeps it)")
}

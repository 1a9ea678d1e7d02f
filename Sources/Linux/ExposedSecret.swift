internal import Glibc

/// A file with a secret that every user of the machine can read.
package struct ExposedSecret {
    /// What is wrong.
    package let finding: String
    package let remedy: String

    /// Nil where not every user can read the file, or that cannot be found out. Waits a second at most for a file system
    /// that hangs.
    ///
    /// - Parameter content: what it holds: `the private key`.
    package init?(_ path: String, content: String) {
        var status = stat()
        guard PathProbe.silence(at: path, within: 1) == nil, withBytes(of: path, { stat($0, &status) }) == 0,
            status.st_mode & S_IROTH != 0
        else { return nil }
        finding = "\(printable(path)): every user of this machine can read \(content)"
        remedy = "chmod o-r \(printable(path)), and make the agent's user its owner"
    }
}

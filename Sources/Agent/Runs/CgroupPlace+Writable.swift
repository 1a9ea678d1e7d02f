internal import Glibc
internal import Linux

extension CgroupPlace {
    /// Runs `body`, which makes or removes a directory in this one.
    ///
    /// The directory of the root cgroup has no write permission, not even for its owner. Root has capabilities for
    /// that, which this process has given up, but it may still say what the owner may do.
    func writable<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        var status = stat()
        guard path == "/", stat(directory, &status) == 0, status.st_uid == geteuid(), status.st_mode & S_IWUSR == 0
        else { return try body() }
        chmod(directory, status.st_mode | S_IWUSR)
        defer { chmod(directory, status.st_mode) }
        return try body()
    }
}

internal import Glibc
internal import Linux

/// The file of a store, in a directory that others may be able to read.
enum HistoryFile {
    /// Makes the directory and an empty file that its owner alone may read, where there is none. SQLite gives the files
    /// that it makes beside it the same permissions.
    static func prepare(_ path: String) throws(HistoryError) {
        makeDirectory(parentDirectory(of: path))
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw HistoryError(.other, String(cString: strerror(errno)))
        }
        close(descriptor)
    }

    /// With permissions of its own: the agent's umask is another one while it makes its socket.
    private static func makeDirectory(_ path: String) {
        guard mkdir(path, 0o750) == 0 else { return }
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { return }
        fchmod(directory, 0o750)
        close(directory)
    }

    /// The path with every link on the way to its directory followed: systemd's state directory is one. The file itself
    /// must not be a link.
    static func resolved(_ path: String) -> String {
        guard let real = realpath(parentDirectory(of: path), nil) else { return path }
        defer { free(real) }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return String(cString: real) + "/" + name
    }

    /// Renames a store to PATH.damaged, and removes what SQLite keeps beside it.
    static func setAside(_ path: String) {
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
        rename(path, path + ".damaged")
    }
}

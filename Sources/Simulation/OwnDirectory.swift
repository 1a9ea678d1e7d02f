internal import Glibc

/// A directory that belongs to this user and that no other may change, so that nothing below it is a trap: a link in
/// place of a file, for one, through which root would write somewhere else.
///
/// Held by descriptor: it stays the same directory whatever happens to the path that led to it. Names are relative to it,
/// and their directories are ones that ``make(_:)`` has checked.
package final class OwnDirectory: Sendable {
    /// Why a directory cannot be used.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    private let descriptor: Int32
    private let path: String

    /// Opens the directory, or makes it.
    package init(_ path: String) throws(Refusal) {
        self.path = path
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw Refusal(description: "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        // A link of the user's own making may lead there; what it leads to is checked.
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Refusal(description: "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Self.isOwn(status) else { throw Self.foreign(path) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func isOwn(_ status: stat) -> Bool {
        status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    private static func foreign(_ path: String) -> Refusal {
        Refusal(
            description:
                "\(path) is not a directory that only you can change: another user might have put links there; "
                + "name a new one")
    }

    /// Makes a directory, or checks one that is there.
    package func make(_ name: String) throws(Refusal) {
        guard mkdirat(descriptor, name, 0o755) == 0 || errno == EEXIST else {
            throw Refusal(description: "cannot make \(path)/\(name): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, Self.isOwn(status) else {
            throw Self.foreign("\(path)/\(name)")
        }
    }

    package func contains(_ name: String) -> Bool { faccessat(descriptor, name, F_OK, 0) == 0 }

    package var isEmpty: Bool {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { return false }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return count <= 2
    }

    /// Replaces a file, or an empty directory of its name: readers see the old content or the new.
    @discardableResult
    package func replace(_ name: String, with text: String) -> Bool {
        let fresh = name + ".new"
        unlinkat(descriptor, fresh, 0)
        let file = openat(descriptor, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { return false }
        let bytes = Array(text.utf8)
        let count = Glibc.write(file, bytes, bytes.count)
        close(file)
        guard count == bytes.count else { return false }
        if renameat(descriptor, fresh, descriptor, name) == 0 { return true }
        unlinkat(descriptor, name, AT_REMOVEDIR)
        return renameat(descriptor, fresh, descriptor, name) == 0
    }

    /// Removes a file or an empty directory.
    package func remove(_ name: String) {
        if unlinkat(descriptor, name, 0) != 0 { unlinkat(descriptor, name, AT_REMOVEDIR) }
    }
}

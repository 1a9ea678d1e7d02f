internal import FoundationEssentials
internal import Linux

/// Files below a host's root directory, of root's and of users.
struct HostFiles {
    /// The host's root directory; empty for `/`.
    let rootfs: String

    /// Far above any real file: a specification has some ten kilobytes, podman's list one per container.
    private static let limit = 8 << 20

    /// A directory of the host.
    struct Directory {
        /// From ``home`` on where there is one, else absolute.
        var path: String
        /// Where the part begins that belongs to a user, who may put anything there; nil for what is root's throughout.
        var home: String?

        static func root(_ path: String) -> Directory { Directory(path: path, home: nil) }

        static func user(_ path: String, in home: String) -> Directory { Directory(path: path, home: home) }

        func appending(_ name: String) -> Directory { Directory(path: "\(path)/\(name)", home: home) }
    }

    /// Where a user has files by default: the home directory, unless `/etc/passwd` does not have it, and
    /// `XDG_RUNTIME_DIR`.
    func homes(of user: UInt32) -> (home: String?, runtime: String) {
        let home = Accounts(rootfs: rootfs).account(user)?.home
        return (home.flatMap { $0.hasPrefix("/") && $0 != "/" ? $0 : nil }, "/run/user/\(user)")
    }

    /// The value that a JSON file holds; nil where there is no such file.
    ///
    /// Throws where it cannot be read or understood. A file that a user broke is no failure of ours: it counts as missing.
    func read<T: Decodable>(_ name: String, in directory: Directory) throws(HostError) -> T? {
        guard let bytes = try bytes(name, in: directory, limit: Self.limit) else { return nil }
        do {
            return try JSONDecoder().decode(T.self, from: Data(bytes))
        } catch {
            guard directory.home == nil else { return nil }
            throw HostError(
                code: .malformed, path: "\(rootfs)\(directory.path)/\(name)", detail: "not the JSON that was expected")
        }
    }

    /// The content of a text file; nil where it cannot be read.
    func text(_ name: String, in directory: Directory, limit: Int = 1 << 16) -> String? {
        guard let bytes = try? bytes(name, in: directory, limit: limit) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names of the entries of a directory that end so; none where it cannot be listed. Of a user's, which may be
    /// anything, none either.
    func names(in directory: Directory, ending: String) -> [String] {
        guard directory.home == nil, let entries = try? listDirectory(rootfs + directory.path) else { return [] }
        return entries.map(\.name).filter { $0.hasSuffix(ending) }.sorted()
    }

    private func bytes(_ name: String, in directory: Directory, limit: Int) throws(HostError) -> [UInt8]? {
        // Of one that hangs the thread would not come back, and all other names wait for it.
        if let silence = PathProbe.silence(at: rootfs + (directory.home ?? directory.path), within: 1) {
            guard directory.home == nil else { return nil }
            throw silence
        }
        do throws(HostError) {
            guard let home = directory.home else {
                return try readFile("\(rootfs)\(directory.path)/\(name)", limit: limit)
            }
            return try readFile(in: rootfs + home, "\(directory.path)/\(name)", limit: limit)
        } catch {
            // Without the permission no name of any user can be read, which root can change.
            guard error.code != .missing, directory.home == nil || error.code == .permission else { return nil }
            throw error
        }
    }
}

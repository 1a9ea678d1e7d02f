internal import Linux

/// The users of a host, from its `/etc/passwd`. Those of a directory service are not in it.
struct Accounts {
    struct Account {
        var name: String
        /// Absolute, on the host.
        var home: String
    }

    /// The host's root directory; empty for `/`.
    let rootfs: String

    /// nil where the file does not have the user. Linear in the size of the file.
    func account(_ user: UInt32) -> Account? {
        guard let text = try? readText(rootfs + "/etc/passwd") else { return nil }
        for line in lines(of: text) {
            let fields = line.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 6, UInt32(Substring(fields[2])) == user else { continue }
            return Account(name: String(Substring(fields[0])), home: String(Substring(fields[5])))
        }
        return nil
    }
}

internal import Linux
internal import Workloads

/// The users of a host, from its `/etc/passwd`. Those of a directory service are not in it.
package struct Accounts {
    struct Account {
        var name: String
        /// Absolute, on the host.
        var home: String
    }

    /// The host's root directory; empty for `/`.
    let rootfs: String

    package init(rootfs: String) {
        self.rootfs = rootfs
    }

    /// Those of ``UserGround/platformAccounts`` that there are, by name. Linear in the size of the file.
    package func platforms() -> [String: UInt32] {
        guard let text = try? readText(rootfs + "/etc/passwd") else { return [:] }
        var users: [String: UInt32] = [:]
        for line in lines(of: text) {
            let fields = line.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            let name = String(Substring(fields[0]))
            guard fields.count >= 6, UserGround.platformAccounts.contains(name) else { continue }
            users[name] = UInt32(Substring(fields[2]))
        }
        return users
    }

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

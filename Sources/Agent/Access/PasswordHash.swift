internal import CCrypt

/// Passwords by their bcrypt hashes: `$2b$10$`, then salt and hash.
enum PasswordHash {
    /// Below, it is guessed too fast; above, a login takes seconds.
    static let costs = 4...14
    private static let length = 60

    /// True for a hash that passwords can be compared with.
    static func isUsable(_ hash: String) -> Bool {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard hash.utf8.count == length, parts.count == 4, parts[0].isEmpty, ["2a", "2b", "2y"].contains(parts[1]),
            parts[2].utf8.count == 2, parts[2].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let cost = Int(parts[2]), costs.contains(cost)
        else { return false }
        return parts[3].utf8.allSatisfy { byte in
            "./0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8.contains(byte)
        }
    }

    /// The exponent of its time; 0 for what is no hash.
    static func cost(of hash: String) -> Int { Int(hash.dropFirst(4).prefix(2)) ?? 0 }

    /// The same hash with another cost: no password has it, and to find that out takes as long as the cost says.
    static func setting(of hash: String, cost: Int) -> String {
        "\(hash.prefix(4))\(cost < 10 ? "0" : "")\(cost)\(hash.dropFirst(6))"
    }

    /// Takes 1 ms at the lowest cost and 1 s at the highest, on purpose.
    static func matches(_ password: String, _ hash: String) -> Bool {
        // To bcrypt a zero is the end. Of long passwords it reads 72 bytes, here as everywhere.
        guard !password.utf8.contains(0) else { return false }
        var output = [CChar](repeating: 0, count: Int(CRYPT_OUTPUT_SIZE))
        guard energyd_crypt(password, hash, &output, output.count) == 0 else { return false }
        let found = output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return isSame(found, Array(hash.utf8))
    }

    /// Takes as long wherever the first difference is.
    static func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

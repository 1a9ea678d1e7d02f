internal import Linux
internal import NIOSSL
internal import Settings

/// Names of cipher suites and curves as Go writes them, which the exporters' files have.
enum TLSNames {
    /// Those of TLS 1.2 with forward secrecy and authenticated encryption.
    private static let ciphers: [(name: String, cipher: NIOTLSCipher)] = [
        ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
    ]

    private static let curves: [(name: String, curve: NIOTLSCurve)] = [
        ("CurveP256", .secp256r1), ("CurveP384", .secp384r1), ("CurveP521", .secp521r1), ("X25519", .x25519),
    ]

    /// Suites of TLS 1.3 are passed over: all of them are always offered.
    static func ciphers(
        in words: [String], _ entry: PlainYAML.Entry
    ) throws(PlainYAML.Failure) -> [NIOTLSCipher] {
        // Go has the older names too.
        let given = words.filter { !$0.hasPrefix("TLS_AES_") && !$0.hasPrefix("TLS_CHACHA20_") }
            .map { $0.hasSuffix("_CHACHA20_POLY1305") ? $0 + "_SHA256" : $0 }
        return try find(given, ciphers.map { ($0.name, $0.cipher) }, entry)
    }

    static func curves(in words: [String], _ entry: PlainYAML.Entry) throws(PlainYAML.Failure) -> [NIOTLSCurve] {
        try find(words, curves.map { ($0.name, $0.curve) }, entry)
    }

    private static func find<Value>(
        _ words: [String], _ table: [(String, Value)], _ entry: PlainYAML.Entry
    ) throws(PlainYAML.Failure) -> [Value] {
        try words.map { (word) throws(PlainYAML.Failure) in
            guard let found = table.first(where: { $0.0 == word }) else {
                throw PlainYAML.Failure(
                    line: entry.line,
                    reason: "\(entry.key): \(printable(word, limit: 60)) is not one of "
                        + table.map(\.0).joined(separator: ", "))
            }
            return found.1
        }
    }
}

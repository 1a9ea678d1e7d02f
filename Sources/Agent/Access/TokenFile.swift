internal import Linux

/// A file of bearer tokens: one on each line; empty lines and lines that begin with # are none.
enum TokenFile {
    private static let largest = 64 << 10
    private static let mostTokens = 1000
    /// Shorter ones can be guessed.
    static let shortest = 16

    /// Reads the file at `path`. May take as long as its file system does.
    static func tokens(path: String) throws(WebConfig.Failure) -> [[UInt8]] {
        let content: [UInt8]
        do {
            content = try readNamedFile(path, limit: largest + 1)
        } catch {
            throw WebConfig.Failure(description: "--web.token-files: \(error)")
        }
        return try tokens(content, path: path)
    }

    /// Nothing of a token is in an error.
    static func tokens(_ content: [UInt8], path: String) throws(WebConfig.Failure) -> [[UInt8]] {
        func failure(_ line: Int?, _ reason: String) -> WebConfig.Failure {
            let place = line.map { "line \($0): " } ?? ""
            return WebConfig.Failure(description: "--web.token-files: \(printable(path)): \(place)\(reason)")
        }
        guard content.count <= largest else { throw failure(nil, "larger than \(largest >> 10) KiB") }
        var tokens: [[UInt8]] = []
        let lines = withoutByteOrderMark(content).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let isBlank = { (byte: UInt8) in [0x20, 0x09, 0x0D].contains(byte) }
            var token = line.drop(while: isBlank)
            while let last = token.last, isBlank(last) { token.removeLast() }
            guard let first = token.first, first != UInt8(ascii: "#") else { continue }
            guard token.allSatisfy(isTokenByte) else {
                throw failure(index + 1, "a token has only letters, digits and -._~+/=")
            }
            guard token.count >= shortest else {
                throw failure(
                    index + 1,
                    "a token shorter than \(shortest) characters can be guessed: make one with `openssl rand -hex 32`")
            }
            tokens.append(Array(token))
        }
        guard !tokens.isEmpty else { throw failure(nil, "no token in it") }
        guard tokens.count <= mostTokens else { throw failure(nil, "more than \(mostTokens) tokens") }
        return tokens
    }

    /// RFC 6750, 2.1: b64token.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~+/=".utf8.contains(byte)
        }
    }
}

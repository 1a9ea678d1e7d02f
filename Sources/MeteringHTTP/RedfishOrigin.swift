/// Scheme, host and port of a Redfish service: where the credentials may be sent.
package struct RedfishOrigin: Sendable, Equatable {
    package let scheme: String
    /// In small letters.
    package let host: String
    package let port: Int

    /// What a link leads to.
    package enum Target: Sendable, Equatable {
        /// Of the same origin: the path with its query, without a fragment.
        case path(String)
        /// Another scheme, host or port: nothing is sent there.
        case elsewhere(String)
        /// No link that could be followed.
        case invalid
    }

    /// Nil where it is not `http(s)://HOST[:PORT]`, whatever follows.
    package init?(_ url: some StringProtocol) {
        guard let colon = url.firstRange(of: "://") else { return nil }
        scheme = url[..<colon.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let authority = url[colon.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // No user: that would be a way to make a host look like another one.
        guard !authority.contains("@"), authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]").map(authority.index(after:)) : nil
        let name = authority[..<(end ?? authority.firstIndex(of: ":") ?? authority.endIndex)]
        let rest = authority[name.endIndex...]
        guard !name.isEmpty else { return nil }
        host = name.lowercased()
        if rest.isEmpty || rest == ":" {
            port = scheme == "https" ? 443 : 80
        } else if rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()), number > 0 {
            port = Int(number)
        } else {
            return nil
        }
    }

    private static let longest = 2048

    /// - Parameters:
    ///   - link: of a document or a header: a path, a relative one, or a whole address.
    ///   - base: the path of that document.
    package func target(of link: String, from base: String) -> Target {
        guard link.utf8.count <= Self.longest else { return .invalid }
        let link = Self.escaped(link.utf8.prefix { $0 != UInt8(ascii: "#") })
        if link.hasPrefix("//") { return self.target(of: "\(scheme):\(link)", from: base) }
        if link.hasPrefix("/") { return .path(Self.withoutDots(link)) }
        if let colon = link.firstRange(of: "://"), !link[..<colon.lowerBound].contains("/") {
            guard let other = RedfishOrigin(link) else { return .invalid }
            guard other == self else {
                return .elsewhere(other.scheme == scheme ? other.host : "\(other.scheme)://\(other.host)")
            }
            let path = link[colon.upperBound...].drop { $0 != "/" && $0 != "?" }
            return .path(Self.withoutDots(path.hasPrefix("/") ? String(path) : "/" + path))
        }
        guard !link.isEmpty else { return .invalid }
        let page = base.prefix { $0 != "?" }
        if link.hasPrefix("?") { return .path(page + link) }
        let folder = page.reversed().drop { $0 != "/" }.reversed()
        return .path(Self.withoutDots(String(folder) + link))
    }

    /// The path with `.` and `..` taken as what they mean; its query stays as it is. RFC 3986, section 5.2.4.
    private static func withoutDots(_ link: String) -> String {
        let path = link.prefix { $0 != "?" }
        var kept: [Substring] = []
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for segment in segments {
            switch segment {
            case ".": continue
            case "..": _ = kept.popLast()
            default: kept.append(segment)
            }
        }
        // What ends with a dot segment is a folder.
        if let last = segments.last, last == "." || last == ".." { kept.append("") }
        return "/" + kept.joined(separator: "/") + link[path.endIndex...]
    }

    /// The same bytes, those escaped that a request line cannot hold.
    private static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in bytes {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension String {
    /// The same resource whether or not a slash ends its path.
    var withoutSlash: String {
        var path = self[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }
}

extension StringProtocol {
    fileprivate func firstRange(of needle: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}

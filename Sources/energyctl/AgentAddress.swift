import ArgumentParser

/// Where an agent listens: `http://host:port` or `unix:/path`.
struct AgentAddress: Hashable, Sendable, CustomStringConvertible, ExpressibleByArgument {
    let description: String
    /// What to ask for a snapshot, as the HTTP client writes it.
    let snapshotURL: String

    /// Nil unless it is of one of the two forms.
    init?(argument: String) {
        let base: String
        if argument.hasPrefix("unix:") {
            var path = argument.dropFirst("unix:".count)
            while path.hasPrefix("//") { path = path.dropFirst() }
            guard path.hasPrefix("/"), path.count > 1 else { return nil }
            base = "http+unix://" + Self.percentEncoded(path)
        } else {
            guard ["http://", "https://"].contains(where: { argument.hasPrefix($0) && argument != $0 }) else {
                return nil
            }
            base = argument.hasSuffix("/") ? String(argument.dropLast()) : argument
        }
        description = argument
        snapshotURL = base + "/api/v1/snapshot"
    }

    private static func percentEncoded(_ path: Substring) -> String {
        var out = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return out
    }
}

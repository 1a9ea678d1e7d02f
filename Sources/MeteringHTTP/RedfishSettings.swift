internal import AsyncHTTPClient
internal import Linux
internal import Metering

/// How to reach a BMC's Redfish service.
package struct RedfishSettings: Sendable, Equatable {
    /// `https://bmc.example.com`, without a path.
    package var url: String
    /// A file whose first line is `USER:PASSWORD`, read anew with every discovery; nil for none.
    package var credentialsFile: String?
    /// PEM file of the authorities to trust in place of the system's.
    package var authorityFile: String?
    package var verifiesCertificate = true
    /// Time between two readings, s.
    package var interval = 10.0

    package init(url: String) {
        self.url = url
    }

    /// True for something that can be asked: a scheme, a host and maybe a port.
    ///
    /// - Parameter allowsPlain: whether the password may go over a network in clear.
    package static func isValid(url: String, allowsPlain: Bool = false) -> Bool {
        for scheme in ["https://", "http://"] where url.hasPrefix(scheme) {
            let rest = url.dropFirst(scheme.count)
            return !rest.isEmpty && rest.utf8.allSatisfy { $0 > 32 && $0 < 127 } && !rest.contains("@")
                && !rest.contains("/") && (scheme == "https://" || allowsPlain || isLoopback(rest))
        }
        return false
    }

    /// True for this machine, by a name or address that cannot be another's.
    private static func isLoopback(_ authority: Substring) -> Bool {
        if authority == "[::1]" || authority.hasPrefix("[::1]:") { return true }
        let host = authority.prefix { $0 != ":" }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return host == "localhost" || numbers.count == 4 && !numbers.contains(nil) && numbers[0] == 127
    }

    /// The value of the header `Authorization`; nil where no credentials are named.
    func authorization() throws(Diagnosis) -> String? {
        guard let credentialsFile else { return nil }
        let line: Substring?
        do {
            line = lines(of: try readGivenText(credentialsFile, limit: 4096)).first
        } catch {
            throw Diagnosis(.permission, "\(error)", remedy: "make the file readable to the agent's user only")
        }
        // By bytes: a colon with an accent is another character.
        guard let line, let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            throw Diagnosis(.garbage, "\(credentialsFile): the first line is not USER:PASSWORD")
        }
        let (user, password) = (line[..<colon], line[line.utf8.index(after: colon)...])
        return HTTPClient.Authorization.basic(username: String(user), password: String(password)).headerValue
    }
}

internal import Fetching
internal import Linux
internal import Metering

/// How to reach a BMC's Redfish service.
package struct RedfishSettings: Sendable, Equatable {
    /// `https://bmc.example.com`, without a path.
    package var url: String
    /// A file whose first line is `USER:PASSWORD`, read anew with every request; nil for none.
    package var credentialsFile: String?
    /// PEM file of the authorities to trust in place of the system's.
    package var authorityFile: String?
    package var verifiesCertificate = true
    /// Time between two readings, s.
    package var interval = 10.0
    /// This node's UUID by its firmware, to find it among the systems of a BMC that serves several; nil where unknown.
    package var systemUUID: String?
    /// How long the chassis that answer wait for those that do not yet, at the start.
    package var patience = Duration.seconds(3)

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
                && !rest.contains("/") && (scheme == "https://" || allowsPlain || Loopback.contains(authority: rest))
        }
        return false
    }

    var credentials: RedfishCredentials { RedfishCredentials(file: credentialsFile) }

    /// How the BMC is reached; throws where the authorities' file is none.
    func fetchSettings() throws(Diagnosis) -> FetchSettings {
        var settings = FetchSettings()
        settings.silence = .seconds(60)
        settings.unpacks = RedfishClient.largestResponse
        settings.connections = 6
        if !verifiesCertificate { settings.trust = .anyone }
        if verifiesCertificate, let authorityFile {
            do {
                settings.trust = .authorities(withoutByteOrderMark(try readNamedFile(authorityFile)))
            } catch {
                throw Diagnosis(.permission, "\(error)", remedy: "--power.redfish.ca names a PEM file of certificates")
            }
        }
        return settings
    }
}

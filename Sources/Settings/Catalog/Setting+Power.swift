internal import Linux
internal import Metering

extension Setting {
    private static let knownSources = SourceKind.allCases.map(\.rawValue).joined(separator: ",")

    package static let powerSources = value(
        "power.sources", \.power.sources, valueName: "list",
        help: "Power sources in order of preference, separated by commas.",
        show: { ($0 ?? SourceKind.allCases).map(\.rawValue).joined(separator: ",") }
    ) { (text) throws(Refusal) in
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let kinds = words.compactMap { SourceKind(rawValue: String($0)) }
        guard kinds.count == words.count, Set(kinds).count == kinds.count else {
            throw Refusal("\(quoted(text)) is not a list of some of \(knownSources), each once")
        }
        return kinds
    }

    package static let attributesPlatform = toggle(
        "power.attribute-platform", \.power.attributesPlatform,
        help: "Divide the energy that only the meter of the whole node sees (fans, disks, losses) among workloads too.")

    package static let hostTree = path(
        "power.host", \.power.hostTree, valueName: "dir",
        help: "Powercap tree that the host of this virtual machine shares with it.")

    package static let powerModel = path(
        "power.model", \.power.modelFile,
        help:
            "Model file that a node with the same CPU has learned from its meter (energyctl model export); used while "
            + "this node has no meter.")

    package static let redfishURL = value(
        "power.redfish.url", \.power.redfish.url, valueName: "https://host",
        help: "Redfish service of this node's BMC.", show: \.self
    ) { (text) throws(Refusal) in
        // The text is not repeated in the message: it may hold a password.
        guard BMCAddress(text) != nil else {
            throw Refusal("must be https://HOST or https://HOST:PORT, without user, password or path")
        }
        return text
    }

    package static let redfishCredentials = path(
        "power.redfish.credentials", \.power.redfish.credentialsFile, help: "File whose first line is USER:PASSWORD.")

    package static let redfishAuthority = path(
        "power.redfish.ca", \.power.redfish.authorityFile,
        help: "PEM file of the authorities that the BMC's certificate is verified against.",
        defaultText: "those of the system")

    package static let redfishInsecure = toggle(
        "power.redfish.insecure", \.power.redfish.verifiesCertificate, isInverted: true,
        help: "Do not verify the BMC's certificate.")

    package static let redfishPlain = toggle(
        "power.redfish.allow-http", \.power.redfish.allowsPlain,
        help: "Accept an http:// URL, although the password is then sent in clear text.")

    package static let redfishInterval = time(
        "power.redfish.interval", \.power.redfish.interval, in: .seconds(1) ... .seconds(300),
        help: "Time between two readings.")
}

/// The address of a BMC: scheme, host and maybe port.
struct BMCAddress {
    /// Whether a password can be sent there without others on the network reading it.
    let isPrivate: Bool

    /// Nil for anything else, such as a URL with user, password or path.
    init?(_ url: String) {
        guard let scheme = ["https://", "http://"].first(where: url.hasPrefix) else { return nil }
        let authority = url.dropFirst(scheme.count)
        guard !authority.isEmpty, authority.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), !authority.contains("@"),
            !authority.contains("/")
        else { return nil }
        isPrivate = scheme == "https://" || Loopback.contains(authority: authority)
    }
}

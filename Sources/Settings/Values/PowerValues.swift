package import Attribution
package import Metering

/// Which meters are read, and how.
package struct PowerValues: Sendable, Equatable {
    /// In order of preference; nil for all that there are. Where the user names them, a missing one is an error.
    package var sources: [SourceKind]?
    /// Whether energy that only the meter of the whole node sees (fans, disks, losses) is divided too.
    package var attributesPlatform = false
    /// A powercap tree that the host of this virtual machine shares.
    package var hostTree: String?
    /// What the node draws at rest, where the operator knows it.
    package var idle: ConfiguredIdle?
    /// A file of `energyctl model export`, for a node without a meter.
    package var modelFile: String?
    package var redfish = RedfishValues()

    package init() {}
}

/// How the BMC is reached over the network.
package struct RedfishValues: Sendable, Equatable {
    /// `https://bmc.example.com`, without a path; nil where no BMC is read.
    package var url: String?
    /// A file whose first line is `USER:PASSWORD`.
    package var credentialsFile: String?
    /// PEM file of the authorities to trust in place of the system's.
    package var authorityFile: String?
    package var verifiesCertificate = true
    /// Whether the password may go over a network in clear text.
    package var allowsPlain = false
    /// Time between two readings, 1 s to 5 min.
    package var interval = Duration.seconds(10)

    package init() {}
}

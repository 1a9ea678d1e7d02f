package import Metering

/// Which meters are asked, and what is made of them.
package struct PowerConfiguration: Sendable {
    /// In order of preference.
    package var sources = SourceKind.allCases
    /// True where the user named them: then one that is not there is an error and not just absent.
    package var isExplicit = false
    /// Divide what only the whole node's meter sees (fans, disks, losses) among the workloads too.
    package var attributesPlatform = false
    /// A powercap tree that the host of this virtual machine shares.
    package var hostTree: String?
    /// Of the BMC over the network: filled by whoever polls it.
    package var redfish: (mailbox: PowerMailbox, interval: Double)?

    package init() {}
}

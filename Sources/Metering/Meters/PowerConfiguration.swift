/// Which power sources are used, and how they are reached.
package struct PowerConfiguration: Sendable {
    /// In order of preference.
    package var sources = SourceKind.allCases
    /// True where the user named the sources: then a source that is missing is worth a notice.
    package var isExplicit = false
    /// Divide the energy that only the node's own meter sees (fans, disks, losses) among the workloads too.
    package var attributesPlatform = false
    /// A powercap tree that the host of this virtual machine shares.
    package var hostTree: String?
    /// The program that reads it in a process of its own; see ``MeterSettings/shareReader``.
    package var shareReader: String?
    /// The mailbox that the Redfish poller fills, and the time between two readings, s.
    package var redfish: (mailbox: PowerMailbox, interval: Double)?

    package init() {}

    /// True where the user named the source, or said how to reach it.
    package func asksFor(_ kind: SourceKind) -> Bool {
        switch kind {
        case .host where hostTree != nil: true
        case .redfish where redfish != nil: true
        default: isExplicit
        }
    }
}

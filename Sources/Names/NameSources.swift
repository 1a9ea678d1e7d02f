package import Workloads

/// Sources of names as the tick uses them: it requests names and later finds them in the table. Nothing here waits.
///
/// Implementations: ``HostNames`` of a machine; a script in tests.
package protocol NameSources: AnyObject {
    /// Brings what the sources have learned since the last call into the table.
    ///
    /// - Parameter now: s, on any clock that does not go back.
    func update(_ names: inout NameTable, at now: Double)

    /// Requests the names of a workload; they arrive in a later ``update(_:at:)``, or never.
    func ask(for identity: CgroupIdentity)

    /// Health of the background sources.
    var states: [NameFeed.State] { get }

    /// Health of the kubelet's log directories; nil where they are not read.
    var logs: LogDirectoryState? { get }

    /// True where pods have log directories, but no links, which identify containers with certainty.
    var isGuessing: Bool { get }

    /// The name of a pod's only container by its log directory, while ``isGuessing``; nil where there is none, or more
    /// than one.
    func onlyContainer(ofPod uid: String) -> String?
}

/// Health of the kubelet's log directories as a source of names.
package struct LogDirectoryState: Sendable, Equatable {
    /// Why nothing can be read, in words; nil while it can.
    package var problem: String?
    /// True where that is because there are no such directories.
    package var isMissing: Bool
    /// Attempts that failed.
    package var errors: UInt64

    package init(problem: String? = nil, isMissing: Bool = false, errors: UInt64 = 0) {
        self.problem = problem
        self.isMissing = isMissing
        self.errors = errors
    }
}

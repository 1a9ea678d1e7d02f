internal import Linux
package import Workloads

/// The names of a machine: the kubelet's log directories, whose changes the tick reads, and sources that fill a feed in
/// the background.
package final class HostNames: NameSources {
    private let directories: LogDirectoryNames?
    private let feed: NameFeed?

    /// - Parameters:
    ///   - logs: `/var/log` of the host; nil where log directories are not to be read.
    ///   - feed: nil where there are no background sources.
    ///   - run: lists log directories, which may wait; by default in ``update(_:at:)``.
    package init(logs: String?, feed: NameFeed?, run: @escaping LogDirectories.Runner = { $0() }) {
        directories = logs.map { LogDirectoryNames(logs: $0, run: run) }
        self.feed = feed
    }

    package func update(_ names: inout NameTable, at now: Double) {
        directories?.update(&names, at: now)
        feed?.drain(into: &names, at: now)
    }

    package func ask(for identity: CgroupIdentity) { feed?.ask(for: identity) }

    package var states: [NameFeed.State] { feed?.states ?? [] }

    package var logs: LogDirectoryState? {
        directories.map {
            LogDirectoryState(
                problem: $0.problem.map { "\($0)" }, isMissing: $0.problem?.code == .missing, errors: $0.errors)
        }
    }

    package var isGuessing: Bool { directories?.isGuessing ?? false }

    package func onlyContainer(ofPod uid: String) -> String? { directories?.onlyContainer(ofPod: uid) }
}

internal import Linux
internal import Workloads

/// Where on cgroups' paths the directories of users begin, looked up once for a directory in a window.
///
/// A look-up asks the file system, which takes microseconds, but milliseconds while somebody makes many cgroups; and those
/// lie in few directories.
///
/// What is known is dropped when a window begins (``Ledger/beginWindow()``), when all cgroups that will be looked up in it
/// have been made: the sample is read before. So every answer is younger than the cgroups that it is used for, and a
/// directory that root gives to a user in the middle of a window is the user's for all that the user makes in it, which
/// comes with a later sample. One that changed its owner between the making of a cgroup and the first look-up would be
/// recognised no better without this.
final class Grounds {
    private let find: (String) -> UserGround?
    private let isShared: (String) -> Bool
    private var known: [String: UserGround?] = [:]

    /// Directories that are kept.
    private static let limit = 1024

    /// - Parameters:
    ///   - find: finds it for a normalised path; nil for one that is root's throughout. It depends on the directories above
    ///     the path only, unless the one right above is shared.
    ///   - isShared: whether others than its owner may make directories in one.
    init(_ find: @escaping (String) -> UserGround?, isShared: @escaping (String) -> Bool) {
        self.find = find
        self.isShared = isShared
    }

    /// Of a normalised path; nil where it is root's throughout.
    ///
    /// Complexity: O(1), but a look-up for the first path of each directory, and for every path in a shared one.
    func ground(of path: String) -> UserGround? {
        let above = path.pathAbove
        if let ground = known[above] { return ground }
        if known.count >= Self.limit { forget() }
        let ground = find(path)
        if !isShared(above) { known[above] = .some(ground) }
        return ground
    }

    /// To be called after the sample of a window was read, and before the first of its cgroups is looked up.
    func forget() {
        known.removeAll(keepingCapacity: known.count < Self.limit / 4)
    }
}

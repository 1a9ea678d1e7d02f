internal import Workloads

/// What an operation on the tree means for the totals and for those who look at workloads. The ledger takes these in
/// the order in which they happened, before it does anything else.
enum TreeChange: Equatable {
    /// A workload appeared.
    case added(Int)
    /// Something that is shown of a workload is another: its parent, its path, whether it lives.
    case altered(Int)
    /// A workload was put below others that did not have its past: they inherit it.
    case inherited(from: Int, by: [Int])
    /// Another cgroup has the better claim to a workload's identity. What was used under it stays where it was
    /// credited; the workload ended and is shown under a number.
    case displaced(Int)
    /// The identity can no longer be looked up: its workload was displaced or is no longer shown.
    case identityReleased(WorkloadID, CgroupIdentity)
    /// ``Workload/isRetirable`` may have changed.
    case retirableChanged(Int)
}

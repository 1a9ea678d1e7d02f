/// Identifies one workload of the ledger for as long as the agent runs.
///
/// Indices into the ledger's arrays are reused once a workload is no longer shown; the generation distinguishes the
/// workloads of one index. An identifier that outlives its workload finds nothing, never another workload.
package struct WorkloadID: Hashable, Sendable {
    /// The index into the ledger's arrays.
    package let index: Int
    /// How many workloads had the index before.
    package let generation: UInt32

    package init(index: Int, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// A number that no other workload of this run has. It is below `UInt64.max - 1`: a ledger has less than 2^32
    /// places.
    package var number: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(truncatingIfNeeded: index)) }
}

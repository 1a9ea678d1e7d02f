internal import Ledger

extension EngineConfiguration {
    /// Workloads that are listed individually.
    ///
    /// Program, runtime, processes and the bare numbers of 50,000 cgroups take up to 44 MiB. What is left is for workloads,
    /// each with all that it may have: its place in the ledger, two views, its attributes, and its part of three bodies
    /// of some kilobytes.
    package var workloadLimit: Int { max(256, (memoryLimit - Self.fixedMemory) / Self.memoryPerWorkload) }

    private static let fixedMemory = 44 << 20
    private static let memoryPerWorkload = 18 << 10
}

extension Ledger {
    /// Which cgroups are not listed individually, and what can be done about it; nil where all are.
    var foldingNotice: String? {
        guard tree.folded > 0 else { return nil }
        return
            "\(tree.folded) cgroups are added up as (other): too many, or too deep, for the memory of the agent; raise "
            + "--limits.memory to see more of them"
    }
}

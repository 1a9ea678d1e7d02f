/// A source of CPU time by cgroup and process. All amounts are cumulative.
///
/// Implementations: ``KernelAccounting`` (eBPF), ``FileAccounting`` (`cpu.stat` and `/proc`). ``openAccounting(_:logger:)``
/// opens the best one that a machine allows.
package protocol Accounting: AnyObject {
    var tier: Tier { get }

    /// Brings `sample` up to date. The first reading is a base: whether counters start at boot or at the start of the
    /// agent does not matter.
    ///
    /// Throws where CPU time cannot be read. `sample` is then unchanged, and the next reading covers both windows.
    func read(into sample: inout AccountingSample) throws
}

extension Tier {
    /// Of programs that read and follow cgroups in this way.
    ///
    /// - Parameter limitation: what is left out and why, for the user; nil where nothing is.
    init(_ reading: KernelSettings.Reading, events: KernelSettings.Events, limitation: String?) {
        let words = "CPU time is accounted in the kernel at every context switch"
        let names =
            switch events {
            case .functions: ""
            case .tracepoints: "; cgroups are followed by tracepoints, to level \(KernelAccounting.deepestFollowed)"
            case .none: "; very short-lived cgroups may stay unnamed"
            }
        self.init(
            reading == .batch ? .ebpfBatch : .ebpf,
            reason: (reading == .batch ? "\(words) and read from the maps by the agent" : words) + names
                + (limitation.map { ": \($0)" } ?? ""), isDegraded: events == .none)
    }
}

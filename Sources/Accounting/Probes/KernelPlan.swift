package import BPF
internal import Linux

/// What to load on a kernel: decided by its features, before anything large is loaded.
package struct KernelPlan: Sendable, Equatable {
    package var reading: KernelSettings.Reading
    /// The running task has no type.
    package var flushesUntyped: Bool
    /// Programs may look at another CPU's values.
    package var seesSiblings: Bool
    /// How cgroups are followed.
    package var events: KernelSettings.Events
    /// What is left out and why, for the user; nil where nothing is.
    package var limitation: String?

    /// - Parameters:
    ///   - tier: the configured one.
    ///   - isSupported: whether the kernel has a feature.
    /// - Throws: `ENOTSUP` where a feature is missing that there is no way around.
    package init(
        _ tier: AccountingConfiguration.TierChoice, isSupported: (KernelFeature) -> Bool = { $0.isSupported }
    ) throws(BPFError) {
        for feature in [KernelFeature.typeInformation, .ringBuffer] where !isSupported(feature) {
            throw BPFError(missing: feature)
        }
        let missing = [KernelFeature.syscallPrograms, .loops, .remoteLookup].filter { !isSupported($0) }
        if let feature = missing.last, tier == .ebpf { throw BPFError(missing: feature) }
        reading = missing.isEmpty && tier != .ebpfBatch ? .drain : .batch
        flushesUntyped = !isSupported(.typedCurrentTask)
        seesSiblings = !missing.contains(.remoteLookup)
        events = isSupported(.functionHooks) ? .functions : .tracepoints
        limitation = missing.last?.requirement
    }

    /// Leaves out of `settings` what the kernel cannot do.
    package func apply(to settings: inout KernelSettings) {
        settings.reading = reading
        settings.flushesUntyped = flushesUntyped
        settings.events = events
        if !seesSiblings { settings.topology = settings.topology.withoutSiblings }
        // Without a type, hardware events are not read in a flush.
        if flushesUntyped { settings.counters = [] }
    }
}

internal import CLinux

/// The capabilities of this process: what it keeps, and when it uses them. capabilities(7)
///
/// Capabilities belong to threads, and every thread inherits those of the one that starts it. So the process gives up
/// at its start, while it has one thread, all that it will never need, and keeps the rest in reserve: permitted, not
/// effective. Only ``tracing(_:)`` makes it effective, for one thread and one moment.
package enum Privileges {
    /// Numbers of include/uapi/linux/capability.h.
    package enum Capability: UInt64, CaseIterable {
        case dacReadSearch = 2
        case sysAdmin = 21
        case perfmon = 38
        case bpf = 39

        var bit: UInt64 { 1 << rawValue }
    }

    /// The calling thread's; both empty where they cannot be read.
    package static var held: (effective: UInt64, permitted: UInt64) {
        var effective: UInt64 = 0
        var permitted: UInt64 = 0
        guard energyd_get_capabilities(&effective, &permitted) == 0 else { return (0, 0) }
        return (effective, permitted)
    }

    /// Gives up everything but what reads meters and, in reserve, what loads kernel programs; forbids to gain more.
    ///
    /// To be called before there is a second thread.
    package static func reduce() {
        // Before Linux 5.11 maps count as locked memory.
        energyd_raise_locked_memory_limit()
        energyd_raise_open_files_limit()
        let permitted = held.permitted
        let used = Capability.dacReadSearch.bit
        let kept = permitted & (tracing(among: permitted) | used)
        // First, while root may still do so: what is gone from here no program that is run later can get either.
        for capability in 0..<64 where kept & 1 << UInt64(capability) == 0 {
            _ = energyd_drop_from_bounding_set(Int32(capability))
        }
        _ = energyd_set_capabilities(kept & used, kept)
        _ = energyd_forbid_new_privileges()
    }

    /// True if the process may load and attach tracing programs.
    package static var mayTrace: Bool {
        let permitted = held.permitted
        return tracing(among: permitted) != 0
    }

    /// Runs `body` with the right to load kernel programs and open counters, as far as the process has it.
    package static func tracing<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result
    {
        let (effective, permitted) = held
        let wanted = effective | tracing(among: permitted)
        guard wanted != effective else { return try body() }
        _ = energyd_set_capabilities(wanted, permitted)
        defer { _ = energyd_set_capabilities(effective, permitted) }
        return try body()
    }

    /// Runs `body`, which starts a program that needs to read what this process may read.
    static func passingOnReading<Result>(_ body: () -> Result) -> Result {
        let capability = Int32(Capability.dacReadSearch.rawValue)
        // Root's programs have it anyway, and where this process has none there is nothing to pass on.
        let isPassed = energyd_pass_on_capability(capability, 1) == 0
        defer { if isPassed { _ = energyd_pass_on_capability(capability, 0) } }
        return body()
    }

    /// CAP_BPF and CAP_PERFMON or, where those are not both there, CAP_SYS_ADMIN, which stands for both.
    private static func tracing(among permitted: UInt64) -> UInt64 {
        let both = Capability.bpf.bit | Capability.perfmon.bit
        if permitted & both == both { return both }
        return permitted & Capability.sysAdmin.bit
    }
}

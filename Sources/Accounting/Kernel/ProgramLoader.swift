internal import BPF
internal import Linux
internal import Synchronization

/// Loads larger programs and attaches them in place of those that run, on a thread of its own: the kernel takes half a
/// second to check them and 0.1 s to free the others, and a tick must not wait for that.
final class ProgramLoader: Sendable {
    /// Unchecked because ``KernelPrograms`` has no lock: it needs none, for a box is handed over through ``state``. The
    /// thread makes the new programs and never touches them after it has stored the box, which ``finish(freeing:)`` empties. Of
    /// the old ones it reads what the new ones share with them, all of it constant, and touches the links, which nothing
    /// else does while ``isBusy``.
    private final class Box: @unchecked Sendable {
        let programs: KernelPrograms

        init(_ programs: KernelPrograms) {
            self.programs = programs
        }
    }

    private enum State {
        case idle, loading
        case finished(Result<Box, BPFError>)
    }

    private let state = Mutex(State.idle)
    private let thread = Mutex<WorkThread?>(nil)

    /// Loads programs, attaches them and detaches `old`, unless others are being loaded. For a moment both account; the
    /// one that comes first at a switch leaves nothing to charge for the other.
    ///
    /// - Throws: where the kernel has no thread to give.
    func load(_ settings: KernelSettings, replacing old: KernelPrograms) throws(HostError) {
        let mayLoad = state.withLock { state in
            guard case .idle = state else { return false }
            state = .loading
            return true
        }
        guard mayLoad else { return }
        let box = Box(old)
        do {
            let thread = try WorkThread()
            // Tables fill up when the machine is busy, and the tick needs the CPU more.
            thread.yieldToOthers()
            thread.run { [self] in
                let result = Result { () throws(BPFError) in
                    try Privileges.tracing { () throws(BPFError) in
                        let new = try KernelPrograms(settings, replacing: box.programs)
                        try new.attach()
                        box.programs.detach()
                        return Box(new)
                    }
                }
                state.withLock { $0 = .finished(result) }
            }
            self.thread.withLock { $0 = thread }
        } catch {
            state.withLock { $0 = .idle }
            throw error
        }
    }

    /// True from ``load(_:replacing:)`` to ``finish(freeing:)``.
    var isBusy: Bool {
        state.withLock { state in
            if case .idle = state { false } else { true }
        }
    }

    /// The programs that account now in place of the old ones; nil while they are not there yet.
    ///
    /// - Throws: why the old ones stay.
    var replacement: KernelPrograms? {
        get throws(BPFError) {
            guard case .finished(let result) = state.withLock(\.self) else { return nil }
            return try result.get().programs
        }
    }

    /// Forgets the replacement, and lets the thread free what it was given.
    func finish(freeing old: KernelPrograms? = nil) {
        state.withLock { $0 = .idle }
        let thread = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let old, let thread else { return }
        let box = Box(old)
        // A second later the caller no longer refers to them: this closure has the last reference, so they are freed on
        // this thread, which then ends.
        thread.run(after: 1) { withExtendedLifetime((box, thread)) {} }
    }
}

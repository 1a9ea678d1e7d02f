internal import BPF
internal import Linux
internal import Synchronization

/// Loads larger programs and attaches them in place of those that run, on a thread of its own: the kernel takes half a
/// second to check them and 0.1 s to let go of the others, and a tick must not wait for that.
final class ProgramLoader: Sendable {
    /// Unchecked because ``KernelPrograms`` has no lock: it needs none, for a box is handed over through ``state``. The
    /// thread makes the new programs and never touches them after it has stored the box, which ``finish()`` empties. Of
    /// the old ones it reads what the new ones share with them, all of it constant, and touches the links, which nobody
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
            // There is a rush when tables fill up, and the tick has to keep up with it.
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

    /// True from ``load(_:replacing:)`` to ``finish()``.
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
        // Once the caller has let go of them, so that the last reference is the thread's, which ends with this piece.
        thread.run(after: 1) { withExtendedLifetime((box, thread)) {} }
    }
}

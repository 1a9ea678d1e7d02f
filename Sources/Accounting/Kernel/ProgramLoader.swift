internal import BPF
internal import Linux
internal import Synchronization

/// Loads larger programs beside those that run, on a thread of its own: the kernel takes half a second to check them, and
/// a tick must not wait for that.
final class ProgramLoader: Sendable {
    /// Unchecked because ``KernelPrograms`` has no lock: it needs none, for the box is handed over through ``state``. The
    /// thread makes the new programs and never touches them after it has stored the box, which ``take()`` empties; of the
    /// old ones it reads only what the new ones share with them, all of it constant.
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

    /// Loads programs that are to replace `old`, unless others are being loaded.
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
            thread.run { [self] in
                let result = Result { () throws(BPFError) in
                    try Privileges.tracing { () throws(BPFError) in
                        Box(try KernelPrograms(settings, replacing: box.programs))
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

    /// True from ``load(_:replacing:)`` until the outcome was taken.
    var isBusy: Bool {
        state.withLock { state in
            if case .idle = state { false } else { true }
        }
    }

    /// The programs, once they are loaded; nil before.
    func take() throws(BPFError) -> KernelPrograms? {
        let result = state.withLock { state -> Result<Box, BPFError>? in
            guard case .finished(let result) = state else { return nil }
            state = .idle
            return result
        }
        guard let result else { return nil }
        thread.withLock { $0 = nil }
        return try result.get().programs
    }
}

internal import Glibc

/// A POSIX thread, for work that blocks: neither Swift's thread pool nor the tick may wait for it.
package struct NativeThread: ~Copyable {
    private let handle: pthread_t

    /// Carries a closure through `pthread_create(3)`.
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts the thread.
    ///
    /// - Parameter blocksSignals: true for a thread that must not run signal handlers.
    /// - Throws: where the kernel has no thread to give. `errno(3)` of `pthread_create(3)`
    package init(
        blocksSignals: Bool = true, _ run: @escaping @Sendable () -> Void
    ) throws(HostError) {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        if blocksSignals { pthread_sigmask(SIG_BLOCK, &all, &before) }
        let body = Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, body.toOpaque())
        if blocksSignals { pthread_sigmask(SIG_SETMASK, &before, nil) }
        guard code == 0 else {
            body.release()
            throw HostError(
                code: .other(code), path: "pthread_create", detail: String(cString: strerror(code)))
        }
        handle = thread
    }

    /// Waits until the thread has ended.
    package consuming func join() { pthread_join(handle, nil) }

    /// Detaches the thread: nothing waits for its end.
    package consuming func detach() { pthread_detach(handle) }
}

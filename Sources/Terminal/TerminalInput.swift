import Glibc
import Linux
import Synchronization

/// What comes from the terminal and from signals.
package enum TerminalEvent: Sendable, Equatable {
    case key(Key)
    case resized
    /// SIGINT, SIGTERM, SIGHUP; SIGTSTP to stop, and SIGCONT after a stop of any kind.
    case signal(Int32)
    /// Standard input has ended.
    case closed
}

/// Reads keys and signals on a thread of its own, which sleeps until there is one; `deinit` ends it.
package struct TerminalInput: ~Copyable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT]
    /// Written to the pipe to end the thread; no signal has the number.
    private static let stop: UInt8 = 0
    /// How long the rest of an escape sequence may take, ms: a key pressed alone must not feel slow.
    private static let sequenceTimeout: Int32 = 30

    private let readEnd: Int32
    private let writeEnd: Int32
    private let thread: NativeThread

    /// Calls `yield` on that thread for everything that happens. There can be only one at a time: signals have one
    /// handler.
    package init(yield: @escaping @Sendable (TerminalEvent) -> Void) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Output.Failure(errno: errno) }
        let (readEnd, writeEnd) = (ends[0], ends[1])
        // A handler must not wait for a reader: what does not fit is a repetition anyway.
        _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)
        signalPipe.store(writeEnd, ordering: .relaxed)

        do throws(HostError) {
            thread = try NativeThread(blocksSignals: false) { Self.loop(pipe: readEnd, yield: yield) }
        } catch {
            signalPipe.store(-1, ordering: .relaxed)
            close(readEnd)
            close(writeEnd)
            throw error
        }
        self.readEnd = readEnd
        self.writeEnd = writeEnd
        for signal in Self.signals {
            Self.handle(signal, with: forwardSignal)
        }
    }

    deinit {
        for signal in Self.signals {
            Self.handle(signal, with: nil)
        }
        signalPipe.store(-1, ordering: .relaxed)
        var byte = Self.stop
        _ = Glibc.write(writeEnd, &byte, 1)
        thread.join()
        close(readEnd)
        close(writeEnd)
    }

    /// Stops this process and those it was started with, as the terminal does for Ctrl-Z; returns once it is continued.
    /// In a session of its own, without a shell that could continue it, it does not stop.
    package func stop() {
        Self.handle(SIGTSTP, with: nil)
        kill(0, SIGTSTP)
        // The signal arrives at a thread that does not block it, at some moment: not necessarily at this one, before the
        // call returns. Until then the terminal must not be taken back.
        usleep(50_000)
        Self.handle(SIGTSTP, with: forwardSignal)
    }

    /// Nil restores what the kernel does by default.
    private static func handle(_ signal: Int32, with handler: (@convention(c) (Int32) -> Void)?) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        sigaction(signal, &action, nil)
    }

    private static func loop(pipe: Int32, yield: (TerminalEvent) -> Void) {
        var decoder = KeyDecoder()
        var isOpen = true
        var buffer = [UInt8](repeating: 0, count: 1024)
        while true {
            var pollers = [
                pollfd(fd: pipe, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&pollers, 2, decoder.isWaiting ? sequenceTimeout : -1) == 0 {
                decoder.flush().forEach { yield(.key($0)) }
            }
            if pollers[0].revents != 0 {
                let count = read(pipe, &buffer, buffer.count)
                for byte in buffer.prefix(max(0, count)) {
                    guard byte != stop else { return }
                    yield(Int32(byte) == SIGWINCH ? .resized : .signal(Int32(byte)))
                }
            }
            if pollers[1].revents != 0 {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count > 0 {
                    decoder.decode(buffer.prefix(count)).forEach { yield(.key($0)) }
                } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                    isOpen = false
                    yield(.closed)
                }
            }
        }
    }
}

/// Where the signal handler writes; -1 without a reader.
private let signalPipe = Atomic<Int32>(-1)

/// Runs inside a signal handler: an atomic load and a `write(2)`, nothing that could allocate or lock.
private func forwardSignal(_ number: Int32) {
    let saved = errno
    let descriptor = signalPipe.load(ordering: .relaxed)
    if descriptor >= 0 {
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(descriptor, &byte, 1)
    }
    errno = saved
}

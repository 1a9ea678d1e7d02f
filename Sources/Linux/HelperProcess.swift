internal import CLinux
internal import Glibc
internal import Synchronization

/// A process that does for this one what may never end: a system call on a file system that hangs cannot be interrupted,
/// and a process that has a thread in one cannot end either, not even by SIGKILL.
///
/// It answers each byte that it is sent with a line, and ends by itself once this process is gone.
package final class HelperProcess: Sendable {
    private let pid: pid_t
    private let socket: Int32
    private let state = Mutex((received: [UInt8](), hasEnded: false, isReaped: false))

    /// Processes that were killed and not yet seen to end.
    private static let leftovers = Mutex<Set<pid_t>>([])
    /// No answer is longer, bytes.
    private static let longestLine = 1 << 20

    /// Starts the program.
    ///
    /// - Parameter arguments: those after the program's name.
    package init(_ program: String, _ arguments: [String]) throws(HostError) {
        Self.reap()
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw HostError(errno: errno, path: "socketpair")
        }
        defer { close(ends[1]) }
        var pid: pid_t = 0
        let code = Privileges.passingOnReading { Self.spawn(&pid, program, [program] + arguments, socket: ends[1]) }
        guard code == 0 else {
            close(ends[0])
            throw HostError(errno: code, path: program)
        }
        self.pid = pid
        socket = ends[0]
    }

    deinit {
        end()
        close(socket)
        if exists { Self.leftovers.withLock { _ = $0.insert(pid) } }
    }

    private static func spawn(_ pid: inout pid_t, _ program: String, _ command: [String], socket: Int32) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO)
        // Should it get stuck, it must not keep open what others wait for the end of.
        for output in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of this process may block signals.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        return posix_spawn(&pid, program, &actions, &attributes, &arguments, &environment)
    }

    /// Sends a byte; false where the process has ended.
    package func send(_ byte: UInt8) -> Bool {
        var byte = byte
        let count = Glibc.send(socket, &byte, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        if count != 1, errno != EAGAIN { state.withLock { $0.hasEnded = true } }
        return count == 1
    }

    /// The next line without its end; nil where none has come within `seconds`.
    package func line(within seconds: Double) -> [UInt8]? {
        let deadline = Self.now + seconds
        while true {
            if let line = state.withLock({ Self.takeLine(&$0.received) }) { return line }
            guard !state.withLock(\.hasEnded) else { return nil }
            var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let rest = Int32(max(0, (deadline - Self.now) * 1000).rounded(.up))
            let count = poll(&waiting, 1, rest)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            receive()
        }
    }

    private func receive() {
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        let count = recv(socket, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        state.withLock { state in
            state.received += chunk.prefix(max(0, count))
            if count <= 0 || state.received.count > Self.longestLine { state.hasEnded = true }
        }
    }

    private static func takeLine(_ received: inout [UInt8]) -> [UInt8]? {
        guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { received.removeFirst(end + 1) }
        return Array(received[..<end])
    }

    /// True once it answers no more.
    package var hasEnded: Bool { state.withLock(\.hasEnded) }

    /// True while the process exists, if only in the kernel.
    package var exists: Bool {
        state.withLock { state in
            var status: Int32 = 0
            if !state.isReaped { state.isReaped = waitpid(pid, &status, WNOHANG) != 0 }
            return !state.isReaped
        }
    }

    /// Ends the process. Where it is stuck in the kernel it does so when its system call returns, which nothing waits for.
    package func end() {
        state.withLock { state in
            state.hasEnded = true
            if !state.isReaped { kill(pid, SIGKILL) }
        }
    }

    private static func reap() {
        leftovers.withLock { pids in
            var status: Int32 = 0
            pids = pids.filter { waitpid($0, &status, WNOHANG) == 0 }
        }
    }

    /// `CLOCK_MONOTONIC`, s: the same in the helper.
    package static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The helper's side: answers each byte with a line, until the other side is gone.
    ///
    /// - Parameters:
    ///   - name: of the process, in lists of processes.
    ///   - prepare: called after each answer, when nothing waits.
    package static func serve(as name: String, answer: (UInt8) -> [UInt8], prepare: () -> Void) {
        energyd_set_name(name)
        // Should it get stuck, it must not keep open what it was left by mistake.
        energyd_close_from(UInt32(STDERR_FILENO) + 1)
        var request: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &request, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return }
            var rest = (answer(request) + [UInt8(ascii: "\n")])[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(STDIN_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
            prepare()
        }
    }
}

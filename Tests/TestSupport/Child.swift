import Glibc

/// A program that a test runs. It is killed, by its own pid, at the end of this object's life.
package final class Child {
    package let pid: Int32
    private let outputPath: String
    private var status: Int32?

    /// Starts `arguments[0]`, found through PATH, in a process group of its own.
    ///
    /// - Parameter cgroup: a cgroup directory that the child enters before it starts the program.
    package init(_ arguments: [String], cgroup: String? = nil, environment: [String: String] = [:]) throws {
        var template = Array("/tmp/energyd-child-XXXXXX".utf8CString)
        let output = mkstemp(&template)
        guard output >= 0 else { throw Failure("mkstemp: errno \(errno)") }
        defer { close(output) }
        outputPath = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)

        var command = arguments
        if let cgroup {
            command = ["/bin/sh", "-c", "echo 0 > \"$0/cgroup.procs\" && exec \"$@\"", cgroup] + arguments
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setpgroup(&attributes, 0)
        // The threads of Swift's pool block signals, which a child must not inherit.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var argv = command.map { strdup($0) } + [nil]
        var envp = (Self.inherited.merging(environment) { $1 }).map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, command[0], &actions, &attributes, &argv, &envp)
        guard result == 0 else { throw Failure("cannot start \(command[0]): errno \(result)") }
        self.pid = pid
    }

    deinit {
        if status == nil {
            kill(-pid, SIGKILL)
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        unlink(outputPath)
    }

    /// Standard output and error so far.
    package var output: String {
        let descriptor = open(outputPath, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }

    package func send(_ signal: Int32) {
        kill(pid, signal)
    }

    /// Ends the child and everything it started in its group.
    package func stop() {
        kill(-pid, SIGKILL)
        _ = wait()
    }

    /// Waits for the end of the child: its exit code, or 128 + signal; nil if it still runs after `seconds`.
    @discardableResult
    package func wait(seconds: Double = 60) -> Int32? {
        for _ in 0..<Int(seconds * 100) {
            if let code = poll() { return code }
            usleep(10_000)
        }
        return nil
    }

    private func poll() -> Int32? {
        if let status { return status }
        var raw: Int32 = 0
        guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
        status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
        return status
    }

    /// Runs a program to its end.
    package static func run(_ arguments: [String], seconds: Double = 60) throws -> (code: Int32?, output: String) {
        let child = try Child(arguments)
        let code = child.wait(seconds: seconds)
        return (code, child.output)
    }

    private static let inherited: [String: String] = {
        var result: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return result
    }()
}

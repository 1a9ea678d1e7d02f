internal import CLinux
internal import Glibc
internal import Synchronization

/// A child process that will become a command, and waits until it may: so that it can be put into a cgroup before it runs.
///
/// It is in the process group of this one and has its terminal, standard streams and directory.
package final class WaitingCommand: Sendable {
    /// How a command ended.
    package struct Ending: Sendable, Equatable {
        /// The exit code, or 128 and the number of the signal that ended it.
        package var code: Int32
        /// From when it was let go until it ended, s. `CLOCK_MONOTONIC`
        package var wallSeconds: Double
        /// When it was let go and when it ended, Unix time, s.
        package var startUnixTime: Double
        package var endUnixTime: Double
    }

    /// The command could not be executed.
    package struct NotExecuted: Error, CustomStringConvertible {
        /// As a shell has it: 127 where there is no such program, else 126.
        package let code: Int32
        package let description: String
    }

    package let process: Int32
    private let gate: Int32
    private let report: Int32
    private let isReaped = Mutex(false)

    /// Throws where no process can be made.
    ///
    /// - Parameter arguments: the program, found through PATH, and its arguments; not empty.
    package init(_ arguments: [String]) throws(HostError) {
        var texts = arguments.map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var (gate, report): (Int32, Int32) = (-1, -1)
        let process = energyd_start_waiting(&texts, &gate, &report)
        guard process > 0 else { throw HostError(errno: -process, path: "fork") }
        (self.process, self.gate, self.report) = (process, gate, report)
    }

    /// One that never ran ends with its gate.
    deinit {
        close(gate)
        close(report)
        if !isReaped.withLock(\.self) { _ = energyd_reap(process) }
    }

    /// Lets it run, passes signals on to it, and waits for its end. Blocks. To be called once.
    package func run() throws(NotExecuted) -> Ending {
        defer { isReaped.withLock { $0 = true } }
        energyd_pass_signals_to(process)
        let (start, startUnixTime) = (Self.now(CLOCK_MONOTONIC), Self.now(CLOCK_REALTIME))
        let failure = energyd_let_run(gate, report)
        _ = energyd_wait_for_end(process)
        let (end, endUnixTime) = (Self.now(CLOCK_MONOTONIC), Self.now(CLOCK_REALTIME))
        energyd_pass_signals_to(0)
        let code = energyd_reap(process)
        guard failure == 0 else {
            throw NotExecuted(code: failure == ENOENT ? 127 : 126, description: String(cString: strerror(failure)))
        }
        return Ending(
            code: code, wallSeconds: end - start, startUnixTime: startUnixTime, endUnixTime: endUnixTime)
    }

    /// From now on signals that would end this process go to the command that runs, and are noted.
    package static func passSignalsOn() { energyd_pass_signals_on() }

    /// The last signal that was noted since the last call; nil for none.
    package static func takeSignal() -> Int32? {
        let signal = energyd_take_signal()
        return signal > 0 ? signal : nil
    }

    /// The clock of ``Ending``, s.
    package static var unixTime: Double { now(CLOCK_REALTIME) }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

internal import Glibc
internal import Synchronization

/// Asks in another process whether a file system answers, before this one has a thread in it: neither thread nor process
/// ends before it does, not even by SIGKILL.
package final class PathProbe: Sendable {
    private struct State {
        var process: HelperProcess?
        /// When the answer was asked for that is outstanding; nil for none.
        var askedAt: Double?
        /// Processes that were given up, for as long as they exist.
        var stuck: [HelperProcess] = []
    }

    private let place: String
    private let program: String
    private let state = Mutex(State())

    /// A program that calls ``serveIfAsked()`` first; nil for none, and then nothing is probed.
    private static let program = Mutex<String?>(nil)
    private static let argument = "--probe-path"
    /// By the place where they are mounted: those that did not answer when they were last asked.
    private static let silent = Mutex<[String: PathProbe]>([:])
    /// More are not asked.
    private static let mostSilent = 32
    /// What was mounted anew answers a new process only, s.
    private static let longestSilence = 60.0
    private static let mostStuck = 3

    /// Nil where the file system at `path` is of a kind that answers, or nothing can be probed.
    package convenience init?(_ path: String) {
        guard let program = Self.program.withLock(\.self), let place = FileSystems.mountThatMayHang(at: path) else {
            return nil
        }
        self.init(place: place, program: program)
    }

    init(place: String, program: String) {
        (self.place, self.program) = (place, program)
    }

    /// Nil where the file system answers, or no other process can be had to find out. Waits for the first time only.
    package static func silence(at path: String, within seconds: Double) -> HostError? {
        silence(at: [path], within: seconds)
    }

    /// The same for many paths; each file system is asked once, and the first that does not answer is named.
    package static func silence(at paths: [String], within seconds: Double) -> HostError? {
        guard let program = program.withLock(\.self) else { return nil }
        for (path, place) in FileSystems.mountsThatMayHang(at: paths) {
            let probe = PathProbe(place: place, program: program)
            if let silence = silence(of: probe, at: path, within: seconds) { return silence }
        }
        return nil
    }

    private static func silence(of fresh: PathProbe, at path: String, within seconds: Double) -> HostError? {
        let place = fresh.place
        let probe = silent.withLock { silent in
            if silent[place] == nil, silent.count < mostSilent { silent[place] = fresh }
            return silent[place]
        }
        if let probe, probe.answers(within: seconds) {
            silent.withLock { $0[place] = nil }
            return nil
        }
        return HostError(code: .other(ETIMEDOUT), path: path, detail: "the file system at \(place) does not answer")
    }

    /// Returns once it answers.
    package func wait() {
        while !answers(within: 1) { usleep(100_000) }
    }

    /// True where it answers, with an error for instance. Waits where nothing is outstanding only.
    package func answers(within seconds: Double) -> Bool {
        state.withLock { state in
            renewIfNeeded(&state)
            guard let process = state.process else { return state.stuck.count < Self.mostStuck }
            let isOutstanding = state.askedAt != nil
            if !isOutstanding {
                _ = process.send(0)
                state.askedAt = HelperProcess.now
            }
            guard process.line(within: isOutstanding ? 0 : seconds) != nil else { return false }
            state.askedAt = nil
            return true
        }
    }

    private func renewIfNeeded(_ state: inout State) {
        state.stuck.removeAll { !$0.exists }
        if let process = state.process,
            process.hasEnded || state.askedAt.map({ HelperProcess.now - $0 > Self.longestSilence }) ?? false
        {
            process.end()
            state.stuck.append(process)
            (state.process, state.askedAt) = (nil, nil)
        }
        if state.process == nil, state.stuck.count < Self.mostStuck {
            state.process = try? HelperProcess(program, [Self.argument, place])
        }
    }

    /// Where this process was started to probe a path, does so and exits when the one that started it is gone. Returns at
    /// once where it was not: then this program probes from now on.
    ///
    /// To be called first, before there is a second thread.
    package static func serveIfAsked() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, arguments[1] == argument else {
            program.withLock { $0 = "/proc/self/exe" }
            return
        }
        Privileges.reduce()
        HelperProcess.serve(as: "energyd-probe") { _ in
            // What is known of a file is often kept here; how much room there is is not.
            var status = statvfs()
            statvfs(arguments[2], &status)
            return []
        } prepare: {
        }
        exit(0)
    }
}

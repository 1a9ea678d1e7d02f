internal import Glibc
internal import Linux

/// First argument of a process that reads a share; the second one is the share's directory.
let shareArgument = "--read-power-share"

/// Where this process was started to read a share, does so and exits when the one that started it is gone. Returns at
/// once where it was not.
///
/// To be called first, before there is a second thread.
package func serveShareIfAsked() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, arguments[1] == shareArgument else { return }
    Privileges.reduce()
    var server = ShareServer(share: arguments[2])
    HelperProcess.serve(as: "energyd-share") { _ in
        server.answer { HelperProcess.now }.line()
    } prepare: {
        server.prepare(at: HelperProcess.now)
    }
    exit(0)
}

/// What the process does that reads a share: each call may take as long as the share does.
struct ShareServer {
    private let share: String
    /// nil while there is nothing to be read.
    private var tree: PowercapTree?

    init(share: String) {
        self.share = share
    }

    /// - Parameter clock: s.
    mutating func answer(_ clock: () -> Double) -> PowercapReading {
        let begin = clock()
        var reading: PowercapReading
        do throws(Diagnosis) {
            if tree == nil { tree = try PowercapTree(hostTree: share) }
            reading = tree?.read(at: begin) ?? PowercapReading()
        } catch {
            reading = PowercapReading(refusal: error)
        }
        reading.time = clock()
        reading.duration = reading.time - begin
        return reading
    }

    /// Takes a look at what zones there are, between two answers.
    mutating func prepare(at now: Double) { tree?.searchIfDue(at: now) }
}

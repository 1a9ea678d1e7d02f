internal import Linux

/// The way to whatever reads a share. Asking and looking never block for longer than was said.
protocol ShareChannel: Sendable {
    /// s, on the clock of ``PowercapReading/time``.
    var now: Double { get }
    /// True once it answers no more.
    var hasEnded: Bool { get }
    /// True while the process behind it exists, if only in the kernel.
    var exists: Bool { get }
    /// Asks for one reading.
    func ask()
    /// The next answer; nil where none has come within `seconds`.
    func answer(within seconds: Double) -> PowercapReading?
    /// Ends it, or leaves it to itself where it hangs.
    func end()
}

/// A process of this program that reads the share; see ``HelperProcess``.
struct ProcessChannel: ShareChannel {
    private let process: HelperProcess

    /// - Parameter program: one that calls ``serveShareIfAsked()`` first.
    init(program: String, share: String) throws(Diagnosis) {
        do {
            process = try HelperProcess(program, [shareArgument, share])
        } catch {
            throw Diagnosis(error, permission: "allow the agent to start itself: it reads the share in another process")
        }
    }

    var now: Double { HelperProcess.now }
    var hasEnded: Bool { process.hasEnded }
    var exists: Bool { process.exists }

    func ask() { _ = process.send(UInt8(ascii: "r")) }

    func answer(within seconds: Double) -> PowercapReading? {
        guard let line = process.line(within: seconds) else { return nil }
        guard let reading = try? PowercapReading(line: line) else {
            process.end()
            return nil
        }
        return reading
    }

    func end() { process.end() }
}

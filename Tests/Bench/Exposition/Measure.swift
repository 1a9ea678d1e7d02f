import Glibc

/// What one run took.
struct Outcome {
    var seconds: Double
    /// Lines or workloads.
    var things: Int
    var bytes: Int
}

/// CPU time of this thread, s: what other programs do does not count.
enum Clock {
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Prints the median of `runs`, and how many allocations a run after the first ones made.
func measure(_ label: String, runs: Int, _ body: () -> Outcome) {
    var outcomes: [Outcome] = []
    for _ in 0..<runs { outcomes.append(body()) }
    let median = outcomes.sorted { $0.seconds < $1.seconds }[runs / 2]
    let perThing = median.seconds / Double(median.things) * 1e6
    let milliseconds = median.seconds * 1e3
    func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    print(
        "\(label): \(median.things) things, \(median.bytes >> 10) KiB, \(rounded(milliseconds)) ms, "
            + "\(rounded(perThing)) us each")
}

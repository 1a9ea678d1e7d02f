internal import CEnergyBPF

/// For how long CPUs were idle, what is in flight included.
struct IdleTime {
    /// Since the start, ns.
    private(set) var total: UInt64 = 0
    /// CPUs that were online at this and the last update; nil where one was at one of them only.
    private(set) var onlineThroughout: Int?
    private var before: [UInt64?]
    private var wallBefore: UInt64 = 0

    init(cpuCount: Int) {
        before = Array(repeating: nil, count: cpuCount)
    }

    /// - Parameter online: an offline CPU is not idle; the time in which it was off is reported at its next event
    ///   and left out.
    mutating func update(_ cpus: [energyd_cpu], online: [Int]) {
        // The clocks of the run queues agree; the latest of them is now.
        let wall = cpus.reduce(0) { max($0, $1.wall_ns) }
        let window = wall > wallBefore ? wall - wallBefore : 0
        let online = Set(online)
        var throughout = 0
        var hasChanged = false
        for cpu in cpus.indices {
            // One that has not switched since the start has no beginning yet.
            guard online.contains(cpu), cpus[cpu].wall_ns > 0 else {
                if before[cpu] != nil { hasChanged = true }
                before[cpu] = nil
                continue
            }
            let inFlight = cpus[cpu].pid == 0 ? wall - cpus[cpu].wall_ns : 0
            let now = cpus[cpu].idle_ns + inFlight
            if let before = before[cpu] {
                throughout += 1
                if now > before { total += min(now - before, window) }
            } else {
                hasChanged = true
            }
            before[cpu] = max(now, before[cpu] ?? 0)
        }
        wallBefore = wall
        onlineThroughout = hasChanged ? nil : throughout
    }
}

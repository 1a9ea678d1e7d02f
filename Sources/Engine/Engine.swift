internal import Accounting
internal import Attribution
internal import Impact
internal import Ledger
internal import Linux
package import Logging
internal import Metering
package import Snapshot
internal import Units

/// One tick: reads who used the CPU and what the node drew, joins the two, and publishes the result.
///
/// Belongs to one task; what it returns is immutable. See docs/architecture.md for the path of the data.
package final class Engine {
    let configuration: EngineConfiguration
    let accounting: any Accounting
    let hardware: HardwareFacts
    let rateSource: any RateSource
    let ownUsage: @Sendable () -> OwnUsage
    let cpuTimes: @Sendable () -> CPUTimes?
    let logger: Logger
    /// Start of every cumulative figure, RFC 3339: that of an earlier run where its ledger continues.
    var startTime: String
    /// The same as Unix time, s; nil where an earlier run left something else.
    var startUnixTime: Double?
    /// Since when this run of the agent counts what it has done itself, Unix time, s.
    let processStartUnixTime: Double
    var stateFile: StateFile?
    var meters: MeterSet
    var attributor: NodeAttributor
    var ledger: Ledger
    var naming: Naming
    var files: CgroupFileReader
    var builder = SnapshotBuilder()
    var sequence: UInt64 = 0
    var sample = AccountingSample()
    /// Of the last tick.
    var rates: Rates
    var times = TickTimes()
    var cpuTime = CPUTimeSinceStart()
    var cpuCount: Int
    /// Those that were online at the start.
    let startCPUs: Int
    var cpus: [ProcStat.CPU]?
    /// Since when these count, Unix time, s.
    var bootUnixTime: Double?
    var window = WindowBuffers()
    var time: EngineTime
    private var windowStart = Seconds(0)
    /// Unix time of the end of the last window, s; 0 before the first.
    private var lastUnixTime = 0.0

    /// Puts the parts together, continues an earlier ledger, and takes the readings that the first tick counts from.
    ///
    /// Throws where CPU time cannot be read.
    package init(_ parts: EngineParts, configuration: EngineConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        accounting = parts.accounting
        hardware = parts.hardware
        rateSource = parts.rates
        ownUsage = parts.ownUsage
        stateFile = parts.stateFile
        meters = parts.meters
        attributor = parts.attributor
        ledger = parts.ledger
        naming = Naming(
            parts.names, dimensions: configuration.rollUps ?? RollUpDimensions(),
            wait: Seconds(configuration.nameWait).value, hasPods: configuration.rollUps != nil)
        files = parts.files
        time = EngineTime(parts.clock)
        let started = parts.clock.unixTime
        (startTime, startUnixTime) = (Timestamp.format(unixTime: started), started)
        processStartUnixTime = started
        rates = parts.rates.rates(at: parts.clock.unixTime)
        cpuTimes = parts.cpuTimes
        startCPUs = max(1, cpuTimes()?.cpus.count ?? 1)
        cpuCount = startCPUs
        let earlier = restore()
        // What has come since the earlier run counts from here on; the rest has its own beginning.
        if earlier != nil { ledger.time = started }
        try takeBase()
        if let earlier { ledger.reinterpret(from: earlier.meaning, to: meaning) }
    }

    /// Accounts for everything since the last tick.
    ///
    /// A power source that fails adds nothing to its zones and is reported in the snapshot. Throws only where CPU time
    /// could not be read: nothing was changed then, and the next tick covers both windows.
    package func tick() throws -> Snapshot {
        time.noteSleep()
        let begin = time.now
        meters.sample(at: time.meterTime(begin))
        do {
            try accounting.read(into: &sample)
        } catch {
            times.failed += 1
            throw error
        }
        let read = time.now
        meters.sample(at: time.meterTime(read))
        // Energy and CPU time describe the moment between the two samples.
        let moment = Seconds((begin.value + read.value) / 2)
        let length = Seconds(moment.value - windowStart.value)
        windowStart = moment
        times.late += length.value > Seconds(configuration.interval).value * 1.5 ? 1 : 0
        times.window = length
        times.drain = Seconds(read.value - begin.value)
        sequence += 1
        rates = rateSource.rates(at: time.clock.unixTime)

        ledger.time = lastUnixTime
        lastUnixTime = time.clock.unixTime
        let busy = account(isBase: false, at: moment)
        attribute(NodeUsage(duration: length, busy: busy, cpuCount: onlineCPUs()), at: moment)
        if let totals = sample.cpu { cpuTime.add(totals) }
        ledger.retire(at: moment.value)
        files.update(&ledger) { time.now }
        // Before a reader sees it: what was published is on file.
        saveState(at: moment)
        times.tick = Seconds(time.now.value - begin.value)
        defer { ledger.forgetChanges() }
        return snapshot()
    }

    /// The readings that the first tick's differences start from.
    private func takeBase() throws {
        let begin = time.now
        meters.sample(at: time.meterTime(begin))
        try accounting.read(into: &sample)
        let read = time.now
        meters.sample(at: time.meterTime(read))
        windowStart = Seconds((begin.value + read.value) / 2)
        _ = account(isBase: true, at: windowStart)
        lastUnixTime = time.clock.unixTime
        cpuTime = CPUTimeSinceStart(sample.cpu ?? CPUTimeTotals())
        let nothing = NodeUsage(duration: Seconds(0), busy: Seconds(0), cpuCount: onlineCPUs())
        _ = meters.collect(nothing, at: time.meterTime(windowStart))
    }

    /// CPUs come and go; where that cannot be read, the last known number holds.
    private func onlineCPUs() -> Int {
        if sequence % 10 == 0 || cpus == nil, let times = cpuTimes() {
            cpus = times.cpus.isEmpty ? nil : times.cpus
            bootUnixTime = times.bootUnixTime
        }
        if let online = sample.cpu?.online ?? cpus?.count { cpuCount = online }
        return cpuCount
    }
}

import Accounting

extension ByteWriter {
    /// - Parameter origin: the moment that those of the sample are counted from.
    mutating func sample(_ sample: AccountingSample, origin: SuspendingClock.Instant) {
        list(sample.created) { $0.cgroup($1) }
        list(sample.renamed) { $0.cgroup($1) }
        list(sample.removed) { $0.number($1) }
        list(sample.forgotten) { $0.number($1) }
        list(sample.usage) { writer, usage in
            writer.number(usage.cgroup)
            // Most of them are zero, and those lie at the end.
            let values = usage.counters.values
            writer.list(values.prefix((values.lastIndex { $0 > 0 } ?? -1) + 1)) { $0.number($1) }
        }
        list(sample.processes) { writer, process in
            writer.number(process.cgroup)
            writer.number(UInt64(UInt32(bitPattern: process.pid)))
            writer.number(process.cpuNanoseconds)
            writer.text(process.comm)
            writer.flag(process.hasExited)
        }
        number(sample.kernelNanoseconds)
        number(sample.overflowNanoseconds)
        flag(sample.cpu != nil)
        if let cpu = sample.cpu {
            for value in [cpu.charged, cpu.idle, cpu.stolen] { number(value) }
            number(UInt64(clamping: (cpu.moment - origin).nanoseconds))
            count(cpu.online)
            flag(cpu.onlineThroughout != nil)
            if let cpus = cpu.onlineThroughout { count(cpus) }
        }
        flag(sample.kernel != nil)
        if let kernel = sample.kernel {
            number(kernel.memoryBytes)
            count(kernel.cgroupsKept)
            count(kernel.cgroupCapacity)
            list(kernel.coreClasses) { $0.text($1) }
            flag(kernel.hasWaits)
            flag(kernel.hasSiblings)
            list(kernel.counters) { $0.text($1) }
            count(kernel.countingPeriod.map { $0 + 1 } ?? 0)
        }
        list(sample.faults.sorted { $0.key < $1.key }) { writer, fault in
            writer.text(fault.key)
            writer.number(fault.value)
        }
    }

    private mutating func cgroup(_ cgroup: AccountingSample.Cgroup) {
        number(cgroup.id)
        text(cgroup.path)
    }
}

extension ByteReader {
    mutating func sample(origin: SuspendingClock.Instant) throws(Malformed) -> AccountingSample {
        var sample = AccountingSample()
        sample.created = try list(size: 2) { (reader) throws(Malformed) in try reader.cgroup() }
        sample.renamed = try list(size: 2) { (reader) throws(Malformed) in try reader.cgroup() }
        sample.removed = try list { (reader) throws(Malformed) in try reader.number() }
        sample.forgotten = try list { (reader) throws(Malformed) in try reader.number() }
        sample.usage = try list(size: 2) { (reader) throws(Malformed) in
            let cgroup = try reader.number()
            let values = try reader.list { (reader) throws(Malformed) in try reader.number() }
            guard let counters = UsageCounters(values: values) else { throw Malformed() }
            return AccountingSample.Usage(cgroup: cgroup, counters: counters)
        }
        sample.processes = try list(size: 5) { (reader) throws(Malformed) in
            let (cgroup, pid) = (try reader.number(), try reader.number())
            guard let pid = UInt32(exactly: pid) else { throw Malformed() }
            return AccountingSample.ProcessUsage(
                cgroup: cgroup, pid: Int32(bitPattern: pid), cpuNanoseconds: try reader.number(),
                comm: try reader.text(), hasExited: try reader.flag())
        }
        sample.kernelNanoseconds = try number()
        sample.overflowNanoseconds = try number()
        if try flag() { sample.cpu = try cpuTimeTotals(origin: origin) }
        if try flag() { sample.kernel = try kernelState() }
        for _ in 0..<(try count(size: 2)) { sample.faults[try text()] = try number() }
        return sample
    }

    private mutating func cgroup() throws(Malformed) -> AccountingSample.Cgroup {
        .init(id: try number(), path: try text())
    }

    private mutating func cpuTimeTotals(origin: SuspendingClock.Instant) throws(Malformed) -> CPUTimeTotals {
        var cpu = CPUTimeTotals()
        cpu.charged = try number()
        cpu.idle = try number()
        cpu.stolen = try number()
        cpu.moment = origin + .nanoseconds(Int64(clamping: try number()))
        cpu.online = try small()
        if try flag() { cpu.onlineThroughout = try small() }
        return cpu
    }

    private mutating func kernelState() throws(Malformed) -> KernelState {
        var kernel = KernelState()
        kernel.memoryBytes = try number()
        kernel.cgroupsKept = try small()
        kernel.cgroupCapacity = try small()
        kernel.coreClasses = try list { (reader) throws(Malformed) in try reader.text() }
        kernel.hasWaits = try flag()
        kernel.hasSiblings = try flag()
        kernel.counters = try list { (reader) throws(Malformed) in try reader.text() }
        let period = try small()
        kernel.countingPeriod = period > 0 ? period - 1 : nil
        return kernel
    }

    /// A number of things on one machine.
    private mutating func small() throws(Malformed) -> Int {
        guard let value = UInt32(exactly: try number()) else { throw Malformed() }
        return Int(value)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflows ? .max : product &+ attoseconds / 1_000_000_000
    }
}

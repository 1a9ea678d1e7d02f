import Accounting

/// The form of samples in a recording: amounts as what they grew by, cgroups and processes by their place in the sample
/// before.
struct SampleCoder {
    typealias Malformed = RecordCoder.Malformed

    /// Every cgroup that had a usage, and where it is in ``cgroups``.
    private var places: [UInt64: Int] = [:]
    private var cgroups: [AccountingSample.Usage] = []
    private var processes: [AccountingSample.ProcessUsage] = []
    private var last = AccountingSample()

    /// More cgroups than this are forgotten, on both sides.
    private static let cgroupLimit = 200_000

    mutating func optionalSample(_ sample: inout AccountingSample?, _ coder: inout RecordCoder) throws(Malformed) {
        var isThere = sample != nil
        try coder.flag(&isThere)
        guard isThere else { return sample = nil }
        var inner = sample ?? AccountingSample()
        // Which is what `sample` held: its arrays are not copied.
        sample = nil
        try code(&inner, &coder)
        sample = inner
    }

    private mutating func code(_ sample: inout AccountingSample, _ coder: inout RecordCoder) throws(Malformed) {
        if cgroups.count > Self.cgroupLimit { (places, cgroups) = ([:], []) }
        let blank = AccountingSample.Cgroup(id: 0, path: "")
        try coder.list(&sample.created, blank: blank) { (coder, cgroup) throws(Malformed) in
            try coder.cgroup(&cgroup)
        }
        try coder.list(&sample.renamed, blank: blank) { (coder, cgroup) throws(Malformed) in
            try coder.cgroup(&cgroup)
        }
        try coder.list(&sample.removed, blank: 0) { (coder, id) throws(Malformed) in try coder.number(&id) }
        try coder.list(&sample.forgotten, blank: 0) { (coder, id) throws(Malformed) in try coder.number(&id) }
        try usage(&sample.usage, &coder)
        try processes(&sample.processes, &coder)
        try coder.number(&sample.kernelNanoseconds, near: last.kernelNanoseconds)
        try coder.number(&sample.overflowNanoseconds, near: last.overflowNanoseconds)
        let lastCPU = last.cpu ?? .none
        try coder.optional(&sample.cpu, blank: .none) { (coder, cpu) throws(Malformed) in
            try coder.totals(&cpu, last: lastCPU)
        }
        var isSame = sample.kernel == last.kernel && sample.faults == last.faults
        try coder.flag(&isSame)
        if isSame {
            (sample.kernel, sample.faults) = (last.kernel, last.faults)
        } else {
            try coder.optional(&sample.kernel, blank: KernelState()) { (coder, state) throws(Malformed) in
                try coder.kernel(&state)
            }
            try coder.amounts(&sample.faults)
        }
        last.kernelNanoseconds = sample.kernelNanoseconds
        last.overflowNanoseconds = sample.overflowNanoseconds
        (last.cpu, last.kernel, last.faults) = (sample.cpu ?? last.cpu, sample.kernel, sample.faults)
    }

    private mutating func usage(
        _ usage: inout [AccountingSample.Usage], _ coder: inout RecordCoder
    ) throws(Malformed) {
        // As a rule the list has the order of the one before.
        var expected: Int64 = 0
        try coder.list(&usage, blank: AccountingSample.Usage(cgroup: 0, counters: UsageCounters())) {
            (coder, usage) throws(Malformed) in
            var offset = Int64(places[usage.cgroup] ?? cgroups.count) &- expected
            try coder.signed(&offset)
            let (place, overflows) = expected.addingReportingOverflow(offset)
            guard !overflows, place >= 0, place <= Int64(cgroups.count) else { throw Malformed() }
            let index = Int(place)
            if index == cgroups.count {
                try coder.number(&usage.cgroup)
                guard places.updateValue(index, forKey: usage.cgroup) == nil else { throw Malformed() }
                cgroups.append(AccountingSample.Usage(cgroup: usage.cgroup, counters: UsageCounters()))
            }
            usage.cgroup = cgroups[index].cgroup
            try coder.counters(&usage.counters, last: cgroups[index].counters)
            cgroups[index].counters = usage.counters
            expected = place + 1
        }
    }

    private mutating func processes(
        _ list: inout [AccountingSample.ProcessUsage], _ coder: inout RecordCoder
    ) throws(Malformed) {
        let before = processes
        var places: [AccountingSample.ProcessUsage.Key: Int] = [:]
        if !coder.isReading {
            places.reserveCapacity(before.count)
            for (index, process) in before.enumerated() { places[process.key] = index }
        }
        var expected: Int64 = 0
        let blank = AccountingSample.ProcessUsage(cgroup: 0, pid: 0, cpuNanoseconds: 0, comm: "")
        try coder.list(&list, blank: blank) { (coder, process) throws(Malformed) in
            let place = places[process.key]
            var isKnown = place != nil
            try coder.flag(&isKnown)
            var last = blank
            if isKnown {
                var offset = Int64(place ?? 0) &- expected
                try coder.signed(&offset)
                let (found, overflows) = expected.addingReportingOverflow(offset)
                guard !overflows, found >= 0, found < Int64(before.count) else { throw Malformed() }
                last = before[Int(found)]
                expected = found + 1
                (process.cgroup, process.pid) = (last.cgroup, last.pid)
            } else {
                try coder.number(&process.cgroup)
                var pid = UInt64(UInt32(bitPattern: process.pid))
                try coder.number(&pid)
                guard let number = UInt32(exactly: pid) else { throw Malformed() }
                process.pid = Int32(bitPattern: number)
            }
            try coder.number(&process.cpuNanoseconds, near: last.cpuNanoseconds)
            var isRenamed = process.comm != last.comm
            try coder.flag(&isRenamed)
            if isRenamed { try coder.text(&process.comm) } else { process.comm = last.comm }
            try coder.flag(&process.hasExited)
        }
        processes = list
    }
}

extension RecordCoder {
    fileprivate mutating func cgroup(_ cgroup: inout AccountingSample.Cgroup) throws(Malformed) {
        try number(&cgroup.id)
        try text(&cgroup.path)
        try number(&cgroup.parent)
        try number(&cgroup.delegation)
        try flag(&cgroup.isDeep)
    }

    /// The counters that changed, each after how many did not.
    fileprivate mutating func counters(_ counters: inout UsageCounters, last: UsageCounters) throws(Malformed) {
        let before = last.numbers
        var values = counters.numbers
        var mask: UInt64 = 0
        for place in 0..<28 where values[place] != before[place] { mask |= 1 << UInt64(place) }
        try number(&mask)
        guard mask < 1 << 28 else { throw Malformed() }
        for place in 0..<28 {
            if mask & 1 << UInt64(place) == 0 {
                values[place] = before[place]
            } else {
                try number(&values[place], near: before[place])
            }
        }
        guard isReading else { return }
        guard let read = UsageCounters(values: (0..<28).map { values[$0] }) else { throw Malformed() }
        counters = read
    }

    fileprivate mutating func totals(_ cpu: inout CPUTimeTotals, last: CPUTimeTotals) throws(Malformed) {
        try number(&cpu.charged, near: last.charged)
        try number(&cpu.idle, near: last.idle)
        try number(&cpu.stolen, near: last.stolen)
        var moment = cpu.moment.nanoseconds
        try number(&moment, near: last.moment.nanoseconds)
        guard moment <= UInt64(Int64.max) else { throw Malformed() }
        cpu.moment = SuspendingClock().systemEpoch + .nanoseconds(Int64(moment))
        try small(&cpu.online)
        try optional(&cpu.onlineThroughout, blank: 0) { (coder, cpus) throws(Malformed) in try coder.small(&cpus) }
    }

    fileprivate mutating func kernel(_ kernel: inout KernelState) throws(Malformed) {
        try number(&kernel.memoryBytes)
        try small(&kernel.cgroupsKept)
        try small(&kernel.cgroupCapacity)
        try texts(&kernel.coreClasses)
        try flag(&kernel.hasWaits)
        try flag(&kernel.hasSiblings)
        try texts(&kernel.counters)
        try optional(&kernel.countingPeriod, blank: 0) { (coder, period) throws(Malformed) in
            try coder.small(&period)
        }
    }
}

extension CPUTimeTotals {
    /// Nothing yet, at a moment that is always the same.
    fileprivate static var none: CPUTimeTotals {
        var totals = CPUTimeTotals()
        totals.moment = SuspendingClock().systemEpoch
        return totals
    }
}

extension SuspendingClock.Instant {
    /// Since the epoch of its clock.
    fileprivate var nanoseconds: UInt64 {
        let (seconds, attoseconds) = (self - SuspendingClock().systemEpoch).components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflows ? UInt64(Int64.max) : UInt64(clamping: product &+ attoseconds / 1_000_000_000)
    }
}

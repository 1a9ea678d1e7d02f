internal import Accounting
internal import Attribution
internal import Impact
internal import Ledger
internal import Metering
internal import Units

/// Storage of a tick, kept for the next one.
struct WindowBuffers {
    /// Cumulative, as last read.
    var kernelNanoseconds: UInt64 = 0
    var overflowNanoseconds: UInt64 = 0
    /// What every workload did, then the kernel, then what overflowed.
    var usage = UsageWindow()
    var staticWeights: [UInt64] = []
    /// Energy by the index of ``usage``, uJ.
    var shares: [UInt64] = []
    var staticShares: [UInt64] = []
}

extension Engine {
    /// Brings the ledger up to date with the sample; returns the CPU time that was used.
    func account(isBase: Bool, at moment: Seconds) -> Seconds {
        ledger.beginWindow()
        for cgroup in sample.created { ledger.add(cgroup, at: moment.value) }
        for cgroup in sample.renamed { ledger.rename(cgroup: cgroup.id, path: cgroup.path, at: moment.value) }
        // Before anything is credited: who has a name by now is credited under it.
        let begin = time.now
        naming.update(&ledger, at: moment.value)
        times.naming = Seconds(time.now.value - begin.value)
        for usage in sample.usage { ledger.use(usage, isBase: isBase) }
        for id in sample.removed { ledger.remove(cgroup: id, at: moment.value) }
        ledger.update(sample.processes, isBase: isBase)
        for id in sample.forgotten { ledger.forget(cgroup: id) }

        let kernel = sample.kernelNanoseconds - min(window.kernelNanoseconds, sample.kernelNanoseconds)
        let overflow = sample.overflowNanoseconds - min(window.overflowNanoseconds, sample.overflowNanoseconds)
        window.kernelNanoseconds = sample.kernelNanoseconds
        window.overflowNanoseconds = sample.overflowNanoseconds
        guard !isBase else { return Seconds(0) }
        ledger.node.system.run(kernel)
        ledger.node.unattributed.run(overflow)
        let busy = ledger.usedNanoseconds.saturatingPlus(kernel).saturatingPlus(overflow)
        ledger.node.whole.run(busy)
        return Seconds(nanoseconds: busy)
    }

    /// Hands out the window's energy, zone by zone.
    func attribute(_ node: NodeUsage, at moment: Seconds) {
        let (system, unattributed) = (ledger.node.system, ledger.node.unattributed)
        // Out of the object, so that its arrays can be changed side by side.
        var buffers = WindowBuffers()
        swap(&buffers, &window)
        defer { swap(&buffers, &window) }
        var systemIndex = 0
        var weights: [UInt64] = []
        swap(&weights, &buffers.staticWeights)
        // Dropped before they are written, so that they are not copied.
        buffers.usage.staticWeights = []
        buffers.usage.update(duration: node.duration, utilization: node.utilization) { usage in
            ledger.usage(
                hasClasses: sample.kernel.map { $0.coreClasses.count > 1 } ?? false,
                hasEvents: sample.kernel?.counters.isEmpty == false, policy: configuration.staticPolicy,
                into: &usage, weights: &weights)
            systemIndex = usage.count
            usage.append(WorkloadUsage(id: .max, cpuNanoseconds: system.windowNanoseconds))
            usage.append(WorkloadUsage(id: .max - 1, cpuNanoseconds: unattributed.windowNanoseconds))
        }
        if configuration.staticPolicy == .requests {
            // What is not reserved of the machine stays idle.
            let reserved = weights.reduce(UInt64(0)) { $0.saturatingPlus($1) }
            let all = UInt64(cpuCount) * 1000
            weights += [0, 0, all - min(reserved, all)]
        }
        buffers.usage.staticWeights = weights
        buffers.staticWeights = weights
        let readings = meters.collect(node, at: time.meterTime(moment))
        attributor.prepare(readings)
        for (zone, reading) in readings {
            let split = attributor.attribute(
                reading, zone: zone, window: buffers.usage, into: &buffers.shares,
                staticShares: &buffers.staticShares)
            ledger.node.idle.credit(dynamic: split.idle.count, zone: zone)
            ledger.node.system.credit(
                dynamic: buffers.shares[systemIndex], static: buffers.staticShares[systemIndex], zone: zone)
            ledger.node.unattributed.credit(
                dynamic: buffers.shares[systemIndex + 1] + split.unattributed.count,
                static: buffers.staticShares[systemIndex + 1], zone: zone)
            ledger.node.whole.credit(dynamic: reading.total.count, zone: zone)
            ledger.credit(dynamic: &buffers.shares, static: &buffers.staticShares, zone: zone)
        }
        ledger.endWindow(rates)
    }
}

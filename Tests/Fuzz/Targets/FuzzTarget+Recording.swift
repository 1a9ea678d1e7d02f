internal import Accounting
internal import Attribution
internal import Engine
internal import Metering
internal import Names
internal import Units

@testable internal import Recording

extension FuzzTarget {
    /// Recordings, which people send each other.
    static let recordings = [
        FuzzTarget(
            "recording", "a file of energyctl record", largest: 65536,
            examples: { [Recordings.framed(Recordings.ticks)] }
        ) { Recordings.read($0) },
        FuzzTarget(
            "recording-ticks", "the ticks of a recording, whose frame is put right", largest: 65536,
            examples: { [Recordings.ticks] }
        ) { Recordings.read(Recordings.framed($0)) },
    ]
}

private enum Recordings {
    private static var header: [UInt8] {
        let cpu = CPUModel(vendor: "", family: 6, model: 85, stepping: 4)
        let facts = MachineFacts(
            hardware: HardwareFacts(cpu: cpu, memoryBytes: nil, procfs: "/proc"), threads: 1, sockets: [0],
            cgroupRoot: nil)
        return RecordingWriter().begin(RecordingHeader(facts: facts))
    }

    /// Two ticks as they stand in a block.
    static var ticks: [UInt8] {
        var coder = TickCoder(.writer())
        for second in 1...2 {
            var tick = RecordedTick()
            tick.awake = [Double(second), 0.1]
            tick.unixTimes = [1_795_000_000.5]
            var sample = AccountingSample()
            sample.created = [.init(id: 7, path: "/system.slice/a.service")]
            sample.usage = [.init(cgroup: 7, counters: UsageCounters(cpuNanoseconds: 5))]
            sample.processes = [.init(cgroup: 7, pid: 4, cpuNanoseconds: 5, comm: "sh")]
            tick.sample = sample
            var meter = RecordedMeter()
            meter.kind = "rapl"
            meter.openings = [.failed(Diagnosis(.missing, "not there")), .opened(RecordedMeter.State())]
            var reading = RecordedMeter.Reading()
            reading.zones = [
                ZoneReading(
                    zone: Zone(.psys, source: "rapl", quality: .measured), energy: Microjoules(9),
                    band: Watts(1)...Watts(2))
            ]
            meter.readings = [reading]
            tick.meters = [meter]
            tick.names.changes = [.set(.pod("a"), facts: ["k8s.pod.name": "web"], id: "", .kubernetes)]
            // Writing does not throw.
            try? coder.tick(&tick)
        }
        return coder.coder.takeBytes()
    }

    static func framed(_ ticks: [UInt8]) -> [UInt8] { header + RecordingFile.block(ticks) }

    static func read(_ bytes: [UInt8]) {
        guard var reader = try? RecordingReader(bytes) else { return }
        var anonymiser = Anonymiser()
        while var tick = try? reader.next() { anonymiser.replaceNames(in: &tick) }
    }
}

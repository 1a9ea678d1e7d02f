internal import Accounting
internal import Attribution
package import Engine
internal import Linux
internal import Metering
internal import Names
internal import Synchronization
internal import Units
internal import Workloads

/// Notes what an engine takes in, by standing between it and its machine.
///
/// The inputs of ``record(_:)`` go to one engine; after its start and after each tick, ``takeTick()`` has what it took in.
package final class Recorder: Sendable {
    private let tick = Mutex(RecordedTick())

    package init() {}

    /// What was taken in since the last call.
    package func takeTick() -> RecordedTick {
        tick.withLock { tick in
            defer {
                tick = RecordedTick()
            }
            return tick
        }
    }

    fileprivate func note(_ change: (inout sending RecordedTick) -> Void) {
        tick.withLock { change(&$0) }
    }

    fileprivate func note(_ kind: String, _ change: (inout RecordedMeter) -> Void) {
        tick.withLock { tick in
            let index = tick.meters.firstIndex { $0.kind == kind } ?? tick.meters.endIndex
            if index == tick.meters.endIndex {
                tick.meters.append(RecordedMeter())
                tick.meters[index].kind = kind
            }
            change(&tick.meters[index])
        }
    }

    /// The same inputs, noted.
    package func record(_ inputs: MachineInputs) -> MachineInputs {
        var recorded = inputs
        recorded.clock = RecordingClock(clock: inputs.clock, recorder: self)
        recorded.accounting = RecordingAccounting(inputs.accounting, self)
        recorded.names = RecordingNames(inputs.names, self)
        recorded.meters = inputs.meters.map { meter in
            meter.opened { kind, open in
                { [self] () throws(Diagnosis) in
                    do throws(Diagnosis) {
                        let source = try open()
                        note(kind.rawValue) { $0.openings.append(.opened(RecordedMeter.State(source))) }
                        return RecordingSource(source, kind: kind.rawValue, self)
                    } catch {
                        note(kind.rawValue) { $0.openings.append(.failed(error)) }
                        throw error
                    }
                }
            }
        }
        recorded.cgroupFiles = record(inputs.cgroupFiles)
        recorded.groundOf = { [self] path in
            let ground = inputs.groundOf(path)
            note { tick in
                var noted = RecordedGround()
                (noted.path, noted.ground) = (path, .some(ground))
                tick.grounds.append(noted)
            }
            return ground
        }
        recorded.isShared = { [self] path in
            let isShared = inputs.isShared(path)
            note { tick in
                var noted = RecordedGround()
                (noted.path, noted.isShared) = (path, isShared)
                tick.grounds.append(noted)
            }
            return isShared
        }
        let (cpuTimes, ownUsage) = (inputs.cpuTimes, inputs.ownUsage)
        recorded.cpuTimes = { [self] in
            let times = cpuTimes()
            note { $0.cpuTimes.append(times) }
            return times
        }
        recorded.ownUsage = { [self] in
            let usage = ownUsage()
            note { $0.ownUsage.append(usage) }
            return usage
        }
        return recorded
    }

    private func record(_ files: CgroupFiles) -> CgroupFiles {
        CgroupFiles(
            cpuStat: { [self] (directory) throws(HostError) in
                let result = Result { () throws(HostError) in try files.cpuStat(directory) }
                note { tick in
                    var noted = RecordedFile()
                    (noted.directory, noted.stat) = (directory, result)
                    tick.files.append(noted)
                }
                return try result.get()
            },
            pressure: { [self] directory in
                let pressure = files.pressure(directory)
                note { tick in
                    var noted = RecordedFile()
                    (noted.directory, noted.pressure) = (directory, pressure?.microseconds)
                    tick.files.append(noted)
                }
                return pressure
            })
    }

    private struct RecordingClock: EngineClock {
        let clock: any EngineClock
        let recorder: Recorder

        var awake: Seconds {
            let time = clock.awake
            recorder.note { $0.awake.append(time.value) }
            return time
        }

        var elapsed: Seconds {
            let time = clock.elapsed
            recorder.note { $0.elapsed.append(time.value) }
            return time
        }

        var unixTime: Double {
            let time = clock.unixTime
            recorder.note { $0.unixTimes.append(time) }
            return time
        }
    }

    private final class RecordingAccounting: Accounting {
        private let accounting: any Accounting
        private let recorder: Recorder

        init(_ accounting: any Accounting, _ recorder: Recorder) {
            self.accounting = accounting
            self.recorder = recorder
        }

        var tier: Tier {
            let tier = accounting.tier
            recorder.note { $0.tier = tier }
            return tier
        }

        func read(into sample: inout AccountingSample) throws {
            let tier: Tier
            do {
                try accounting.read(into: &sample)
                tier = accounting.tier
            } catch {
                let (reason, tier) = ("\(error)", accounting.tier)
                recorder.note { ($0.failure, $0.tier) = (reason, tier) }
                throw error
            }
            let read = sample
            recorder.note { ($0.sample, $0.tier) = (read, tier) }
        }
    }

    /// Shows of the source what it showed when the window ended: a thread may change it meanwhile.
    private struct RecordingSource: PowerSource {
        private var source: any PowerSource
        private var state: RecordedMeter.State
        private let kind: String
        private let recorder: Recorder

        init(_ source: any PowerSource, kind: String, _ recorder: Recorder) {
            self.source = source
            self.kind = kind
            self.recorder = recorder
            state = RecordedMeter.State(source)
        }

        var name: String { state.name }
        var health: SourceHealth { state.health }
        var zones: [Zone] { state.zones }
        var stillZones: [ZoneID: String] { state.stillZones }
        var interval: Seconds { Seconds(state.interval) }

        mutating func sample(at now: Seconds) { source.sample(at: now) }

        mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
            var reading = RecordedMeter.Reading()
            reading.zones = source.collect(activity, at: now)
            state = RecordedMeter.State(source)
            reading.state = state
            recorder.note(kind) { [reading] in $0.readings.append(reading) }
            return reading.zones
        }
    }

    /// Shows of the sources what they showed when they were last asked: threads may change it meanwhile.
    private final class RecordingNames: NameSources {
        private let sources: any NameSources
        private let recorder: Recorder
        private(set) var states: [NameFeed.State]
        private(set) var logs: LogDirectoryState?
        private(set) var isGuessing: Bool

        init(_ sources: any NameSources, _ recorder: Recorder) {
            self.sources = sources
            self.recorder = recorder
            states = sources.states
            logs = sources.logs
            isGuessing = sources.isGuessing
        }

        func update(_ names: inout NameTable, at now: Double) {
            let changes = names.noting { sources.update(&$0, at: now) }
            (states, logs, isGuessing) = (sources.states, sources.logs, sources.isGuessing)
            recorder.note { [states, logs, isGuessing] tick in
                tick.names.changes += changes
                (tick.names.states, tick.names.logs, tick.names.isGuessing) = (states, logs, isGuessing)
            }
        }

        func ask(for identity: CgroupIdentity) { sources.ask(for: identity) }

        func onlyContainer(ofPod uid: String) -> String? {
            let name = sources.onlyContainer(ofPod: uid)
            recorder.note { tick in
                var answer = RecordedNames.OnlyContainer()
                (answer.pod, answer.name) = (uid, name)
                tick.names.onlyContainers.append(answer)
            }
            return name
        }
    }
}

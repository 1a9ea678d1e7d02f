internal import Accounting
internal import Attribution
package import Engine
internal import Linux
package import Metering
internal import Names
internal import Synchronization
internal import Units
internal import Workloads

/// Gives an engine what another one took in: the other side of ``Recorder``.
///
/// Each tick is put in with ``begin(_:)`` before the engine makes it, the first before it starts. An engine with other
/// settings may ask for more, or less, than was recorded: the clock repeats its last reading, and a meter or file that
/// was not read then is missing.
package final class Replayer: Sendable {
    /// What is left of the tick.
    private struct Rest {
        var tick = RecordedTick()
        var lastAwake = 0.0
        var lastElapsed = 0.0
        var lastUnixTime = 0.0
        /// By path; what the engine asks for twice in a tick was recorded twice.
        var grounds: [String: UserGround?] = [:]
        var shared: [String: Bool] = [:]
    }

    private let header: RecordingHeader
    private let rest = Mutex(Rest())

    package init(_ header: RecordingHeader) {
        self.header = header
    }

    /// The tick that the engine makes next.
    package func begin(_ tick: RecordedTick) {
        rest.withLock { rest in
            rest.tick = tick
            for ground in tick.grounds {
                if let found = ground.ground { rest.grounds[ground.path] = .some(found) }
                if let isShared = ground.isShared { rest.shared[ground.path] = isShared }
            }
        }
    }

    private func take<Value: Sendable>(_ take: (inout sending Rest) -> Value) -> Value {
        rest.withLock { take(&$0) }
    }

    /// What the engine asks.
    ///
    /// - Parameter power: the meters that it uses, in order of preference.
    package func inputs(_ power: PowerConfiguration) -> MachineInputs {
        let kinds = power.sources.filter { $0 != .estimate }
        var inputs = MachineInputs(
            accounting: ReplayedAccounting(replayer: self),
            meters: kinds.map { kind in
                Meter(
                    kind: kind,
                    isRequested: power.asksFor(kind) || header.requestedMeters.contains(kind.rawValue)
                ) { [self] () throws(Diagnosis) in try open(kind) }
            },
            names: ReplayedNames(replayer: self),
            groundOf: { [self] path in take { $0.grounds[path] ?? nil } },
            isShared: { [self] path in take { $0.shared[path] ?? false } },
            cpuTimes: { [self] in
                take { $0.tick.cpuTimes.isEmpty ? nil : $0.tick.cpuTimes.removeFirst() }
            })
        inputs.clock = ReplayedClock(replayer: self)
        inputs.ownUsage = { [self] in
            take {
                $0.tick.ownUsage.isEmpty
                    ? OwnUsage(cpuSeconds: 0, residentBytes: nil) : $0.tick.ownUsage.removeFirst()
            }
        }
        inputs.cgroupFiles = CgroupFiles(
            cpuStat: { [self] (directory) throws(HostError) in
                let found = take { rest -> Result<CgroupCPUStat, HostError>? in
                    rest.tick.files.firstIndex { $0.directory == directory && $0.stat != nil }.flatMap {
                        rest.tick.files.remove(at: $0).stat
                    }
                }
                let missing = HostError(code: .missing, path: directory, detail: "is not in the recording")
                return try (found ?? .failure(missing)).get()
            },
            pressure: { [self] directory in
                take { rest in
                    rest.tick.files.firstIndex { $0.directory == directory && $0.stat == nil }.flatMap {
                        rest.tick.files.remove(at: $0).pressure.map { CgroupPressure(microseconds: $0) }
                    }
                }
            })
        return inputs
    }

    private func open(_ kind: SourceKind) throws(Diagnosis) -> any PowerSource {
        let opening = take { rest -> RecordedMeter.Opening? in
            guard let index = rest.tick.meters.firstIndex(where: { $0.kind == kind.rawValue }),
                !rest.tick.meters[index].openings.isEmpty
            else { return nil }
            return rest.tick.meters[index].openings.removeFirst()
        }
        switch opening {
        case .opened(let state): return ReplayedSource(kind: kind.rawValue, state: state, replayer: self)
        case .failed(let diagnosis): throw diagnosis
        case nil: throw Diagnosis(.missing, "the recording has nothing of \(kind.rawValue)")
        }
    }

    private struct ReplayedClock: EngineClock {
        let replayer: Replayer

        var awake: Seconds {
            Seconds(
                replayer.take {
                    if !$0.tick.awake.isEmpty { $0.lastAwake = $0.tick.awake.removeFirst() }
                    return $0.lastAwake
                })
        }

        var elapsed: Seconds {
            Seconds(
                replayer.take {
                    if !$0.tick.elapsed.isEmpty { $0.lastElapsed = $0.tick.elapsed.removeFirst() }
                    return $0.lastElapsed
                })
        }

        var unixTime: Double {
            replayer.take {
                if !$0.tick.unixTimes.isEmpty { $0.lastUnixTime = $0.tick.unixTimes.removeFirst() }
                return $0.lastUnixTime
            }
        }
    }

    private final class ReplayedAccounting: Accounting {
        private let replayer: Replayer

        init(replayer: Replayer) {
            self.replayer = replayer
        }

        var tier: Tier { replayer.take { $0.tick.tier } }

        func read(into sample: inout AccountingSample) throws {
            let (next, failure) = replayer.take { rest in
                defer { rest.tick.sample = nil }
                return (rest.tick.sample, rest.tick.failure)
            }
            guard let next else { throw ReplayedFailure(description: failure ?? "the recording has no sample") }
            sample = next
        }
    }

    private struct ReplayedSource: PowerSource {
        let kind: String
        var state: RecordedMeter.State
        let replayer: Replayer

        var name: String { state.name }
        var health: SourceHealth { state.health }
        var zones: [Zone] { state.zones }
        var stillZones: [ZoneID: String] { state.stillZones }
        var interval: Seconds { Seconds(state.interval) }

        mutating func sample(at now: Seconds) {}

        mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
            let kind = kind
            let reading = replayer.take { rest -> RecordedMeter.Reading? in
                guard let index = rest.tick.meters.firstIndex(where: { $0.kind == kind }),
                    !rest.tick.meters[index].readings.isEmpty
                else { return nil }
                return rest.tick.meters[index].readings.removeFirst()
            }
            guard let reading else { return [] }
            state = reading.state
            return reading.zones
        }
    }

    private final class ReplayedNames: NameSources {
        private let replayer: Replayer

        init(replayer: Replayer) {
            self.replayer = replayer
        }

        var states: [NameFeed.State] { replayer.take { $0.tick.names.states } }
        var logs: LogDirectoryState? { replayer.take { $0.tick.names.logs } }
        var isGuessing: Bool { replayer.take { $0.tick.names.isGuessing } }

        func update(_ names: inout NameTable, at now: Double) {
            let changes = replayer.take { rest in
                defer { rest.tick.names.changes = [] }
                return rest.tick.names.changes
            }
            for change in changes { names.apply(change, at: now) }
        }

        func ask(for identity: CgroupIdentity) {}

        func onlyContainer(ofPod uid: String) -> String? {
            replayer.take { rest in
                rest.tick.names.onlyContainers.firstIndex { $0.pod == uid }.flatMap {
                    rest.tick.names.onlyContainers.remove(at: $0).name
                }
            }
        }
    }
}

/// A failure of the machine that was recorded.
private struct ReplayedFailure: Error, CustomStringConvertible {
    let description: String
}

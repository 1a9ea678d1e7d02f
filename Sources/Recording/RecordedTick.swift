package import Accounting
package import Attribution
package import Engine
internal import Ledger
package import Linux
package import Metering
package import Names
internal import Units
package import Workloads

/// Everything that an engine took in during one tick, each kind in the order in which it was asked for.
package struct RecordedTick: Sendable, Equatable {
    /// Readings of ``EngineClock``, s.
    package var awake: [Double] = []
    package var elapsed: [Double] = []
    package var unixTimes: [Double] = []
    package var tier = Tier(.procfs, reason: "", isDegraded: false)
    /// nil where nothing was read, or where it failed.
    package var sample: AccountingSample?
    /// Why CPU time could not be read; nil where it could.
    package var failure: String?
    package var cpuTimes: [CPUTimes?] = []
    package var ownUsage: [OwnUsage] = []
    /// By ``SourceKind``, those that were asked for something.
    package var meters: [RecordedMeter] = []
    package var names = RecordedNames()
    package var files: [RecordedFile] = []
    package var grounds: [RecordedGround] = []
    /// ``digest(of:)`` of the snapshot that came of it; nil where none did, or where names were replaced since.
    package var digest: UInt64?

    package init() {}

    /// ``checksum(_:)`` of a snapshot's JSON.
    package static func digest(of bytes: [UInt8]) -> UInt64 { checksum(bytes[...]) }
}

/// What one meter said in a tick.
package struct RecordedMeter: Sendable, Equatable {
    /// A name of ``SourceKind``.
    package var kind = ""
    package var openings: [Opening] = []
    package var readings: [Reading] = []

    package init() {}

    /// An attempt to open it.
    package enum Opening: Sendable, Equatable {
        case opened(State)
        case failed(Diagnosis)
    }

    /// The end of a window.
    package struct Reading: Sendable, Equatable {
        package var zones: [ZoneReading] = []
        package var state = State()

        package init() {}
    }

    /// What a ``PowerSource`` shows of itself.
    package struct State: Sendable, Equatable {
        package var name = ""
        package var health = SourceHealth()
        package var zones: [Zone] = []
        package var stillZones: [ZoneID: String] = [:]
        /// s.
        package var interval = 0.0

        package init() {}

        package init(_ source: any PowerSource) {
            name = source.name
            health = source.health
            zones = source.zones
            stillZones = source.stillZones
            interval = source.interval.value
        }
    }
}

/// What the sources of names said in a tick.
package struct RecordedNames: Sendable, Equatable {
    package var changes: [NameTable.Change] = []
    package var states: [NameFeed.State] = []
    package var logs: LogDirectoryState?
    package var isGuessing = false
    /// Answers to ``NameSources/onlyContainer(ofPod:)``.
    package var onlyContainers: [OnlyContainer] = []

    package struct OnlyContainer: Sendable, Equatable {
        package var pod = ""
        package var name: String?

        package init() {}
    }

    package init() {}
}

/// What the files of one cgroup said.
package struct RecordedFile: Sendable, Equatable {
    package var directory = ""
    /// nil where it was not asked for.
    package var stat: Result<CgroupCPUStat, HostError>?
    /// us by resource; nil where there is none, or where it was not asked for.
    package var pressure: [String: UInt64]?

    package init() {}
}

/// Whose directories lie on a path.
package struct RecordedGround: Sendable, Equatable {
    package var path = ""
    /// nil where it was not asked for.
    package var ground: UserGround??
    /// nil where it was not asked for.
    package var isShared: Bool?

    package init() {}
}

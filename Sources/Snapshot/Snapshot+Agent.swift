extension Snapshot {
    /// The rates that turn energy into emissions.
    package struct CarbonState: Codable, Sendable, Equatable {
        /// gCO2e per kWh at the wall.
        package var intensityGramsPerKilowattHour: Double
        /// Where the intensity comes from, in words.
        package var source: String
        /// Power usage effectiveness of the site: energy of the building per energy of its machines, at least 1.
        package var pue: Double
        /// `location` where the intensity is that of the grid; nil where it is not known what it is.
        package var factorType: String?
        /// `lifecycle` where building and fuelling the plants is included; nil where it is not known.
        package var factorScope: String?
        /// `published` for the node's grid, `configured`, or `assumed` because nothing was configured; nil for agents
        /// that do not report it.
        package var quality: String?

        package init(intensityGramsPerKilowattHour: Double, source: String, pue: Double) {
            self.intensityGramsPerKilowattHour = intensityGramsPerKilowattHour
            self.source = source
            self.pue = pue
        }
    }

    /// What a kWh costs.
    package struct PriceState: Codable, Sendable, Equatable {
        /// At the wall: what the building adds (PUE) is paid for too.
        package var perKilowattHour: Double
        /// ISO 4217.
        package var currency: String

        package init(perKilowattHour: Double, currency: String) {
            self.perKilowattHour = perKilowattHour
            self.currency = currency
        }
    }

    /// The agent about itself.
    package struct AgentState: Codable, Sendable, Equatable {
        package var version: String
        /// RFC 3339 in UTC: the start of every cumulative figure.
        package var startTime: String
        /// The same as Unix time, s; nil for agents that do not report it.
        package var startUnixTime: Double?
        /// Start of this run of the agent, Unix time, s: of what it counts of itself.
        package var processStartUnixTime: Double?
        package var cpuSeconds: Double
        package var residentBytes: UInt64
        /// Duration of the tick, from the first meter reading to the snapshot.
        package var tickSeconds: Double
        /// The part of it that reads the kernel's counters.
        package var drainSeconds: Double
        /// The part of it that looks up names; nil for agents that do not report it.
        package var namingSeconds: Double?
        /// Ticks that came more than half an interval late.
        package var lateTicks: UInt64
        /// Faults since the start by kind, see docs/operations.md; only ever growing.
        package var faults: [String: UInt64]
        package var sources: [SourceState]
        /// Sources of names; nil for agents that do not report them.
        package var nameSources: [SourceState]?
        /// Dimensions of ``Snapshot/aggregates``: `owner`, `label:NAME`; nil where Kubernetes is not queried.
        package var aggregatedBy: [String]?
        /// What does not work as well as it could, each with its remedy; empty when all is well.
        package var notices: [String]
        /// Where metrics are sent to; nil where they are not.
        package var exports: [ExportState]?
        /// Cgroups that are not shown by themselves, but added up as `(other)`; nil for agents that do not report it.
        package var cgroupsFolded: Int?
        /// When the certificate of the web server expires, Unix time; nil without TLS.
        package var certificateExpiryUnixTime: Double?
        /// Comparisons of meters that should agree.
        package var crossChecks: [CrossCheckState]?

        package init(
            version: String, startTime: String, cpuSeconds: Double, residentBytes: UInt64, tickSeconds: Double,
            drainSeconds: Double, namingSeconds: Double? = nil, lateTicks: UInt64, faults: [String: UInt64],
            sources: [SourceState], nameSources: [SourceState]? = nil,
            notices: [String]
        ) {
            self.version = version
            self.startTime = startTime
            self.cpuSeconds = cpuSeconds
            self.residentBytes = residentBytes
            self.tickSeconds = tickSeconds
            self.drainSeconds = drainSeconds
            self.namingSeconds = namingSeconds
            self.lateTicks = lateTicks
            self.faults = faults
            self.sources = sources
            self.nameSources = nameSources
            self.notices = notices
        }
    }

    /// The state of the sending of metrics to one collector.
    package struct ExportState: Codable, Sendable, Equatable {
        /// Its address, without credentials.
        package var target: String
        /// Requests that wait to be sent, and their bytes.
        package var queuedRequests: UInt64 = 0
        package var queuedBytes: UInt64 = 0
        /// Data points that the collector accepted, those that it refused, and those for which the queue had no room.
        package var sentPoints: UInt64 = 0
        package var rejectedPoints: UInt64 = 0
        package var droppedPoints: UInt64 = 0
        /// Requests that were not accepted, each attempt.
        package var failures: UInt64 = 0
        /// Why the last one failed; nil where it worked.
        package var lastError: String?
        /// Time since the last one that worked; nil before the first.
        package var ageSeconds: Double?

        package init(target: String) {
            self.target = target
        }
    }

    /// The health of one source of power or names.
    package struct SourceState: Codable, Sendable, Equatable {
        package var name: String
        package var isUp: Bool
        package var errors: UInt64
        package var lastError: String?
        /// Readings that worked.
        package var reads: UInt64?
        /// Time since the last of them; nil before the first.
        package var ageSeconds: Double?
        /// Time between two readings; 0 where the meter is read with every tick.
        package var intervalSeconds: Double?
        /// True while figures come from it.
        package var isInUse: Bool?
        /// By zone of a counter: energy that it showed and that was not believed.
        package var refusedMicrojoules: [String: UInt64]?
        /// By zone of a counter: energy that was used while it showed nothing, by the power before.
        package var lostMicrojoules: [String: UInt64]?

        package init(name: String, isUp: Bool, errors: UInt64, lastError: String?) {
            self.name = name
            self.isUp = isUp
            self.errors = errors
            self.lastError = lastError
        }
    }
}

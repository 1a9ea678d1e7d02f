/// Everything the agent knows at the end of one tick: the only thing that readers ever see.
///
/// Immutable and complete, so that a scrape, a push and `energyctl top` show the same instant, and reading has no
/// side effect. Its JSON form, `/api/v1/snapshot`, is a contract: fields may be added, a change of meaning raises
/// ``schemaVersion``.
///
/// The tree adds up: for every zone, the `dynamic + static` energy of the workloads without a ``Workload/parentId``,
/// plus ``Node/idle``, ``Node/system`` and ``Node/unattributed``, is the zone's ``ZoneState/energyMicrojoules``, to
/// the microjoule.
package struct Snapshot: Codable, Sendable, Equatable {
    package static let currentSchemaVersion = 1

    package var schemaVersion = Snapshot.currentSchemaVersion
    /// The end of the window, RFC 3339 in UTC.
    package var timestamp: String
    /// The same as Unix time, s.
    package var unixTime: Double
    /// Ticks since the agent started; the first with energy is 1.
    package var sequence: UInt64
    /// Length of the window that the powers and rates describe, s.
    package var windowSeconds: Double
    /// How CPU time is accounted: `A` in the kernel, `B` the same on older kernels, `C` from `cpu.stat` and `/proc`.
    package var tier: String
    /// Why that tier: what was found, or what is missing and how to get it.
    package var tierReason: String
    package var node: Node
    package var carbon: CarbonState
    package var workloads: [Workload]
    /// Those that run now, or did in the window.
    package var processes: [Process]
    /// The same by name, with those that ended long ago: counters that never fall.
    package var commands: [Command]
    /// Pods added up by owner and by the labels that are allowed; not part of the tree. Absent where there are none.
    package var aggregates: [Aggregate]?
    package var agent: AgentState
    /// The accounting in the kernel; nil where there is none.
    package var kernel: Kernel?
    /// Every CPU that is online; nil where that cannot be read.
    package var cpus: [CPUTime]?

    package init(
        timestamp: String, unixTime: Double, sequence: UInt64, windowSeconds: Double, tier: String, tierReason: String,
        node: Node,
        carbon: CarbonState, workloads: [Workload], processes: [Process], commands: [Command],
        aggregates: [Aggregate]? = nil, agent: AgentState
    ) {
        self.timestamp = timestamp
        self.unixTime = unixTime
        self.sequence = sequence
        self.windowSeconds = windowSeconds
        self.tier = tier
        self.tierReason = tierReason
        self.node = node
        self.carbon = carbon
        self.workloads = workloads
        self.processes = processes
        self.commands = commands
        self.aggregates = aggregates
        self.agent = agent
    }
}

extension Snapshot {
    /// The machine as a whole.
    package struct Node: Codable, Sendable, Equatable {
        package var name: String
        package var cpuModel: String
        /// Logical CPUs that are online.
        package var cpuCount: Int
        /// CPU time used by everything since the agent started, s.
        package var cpuSeconds: Double
        /// Mean number of busy CPUs in the window.
        package var cpuUsage: Double
        /// Power of all zones together in the window; nil while it is not known, here and everywhere.
        package var powerWatts: Double?
        /// nil where no energy was ever known, here and everywhere.
        package var emissionsGrams: Double?
        package var zones: [ZoneState]
        /// What the machine draws whether or not anything runs.
        package var idle: Bucket
        /// Kernel threads.
        package var system: Bucket
        /// Energy that cannot honestly be given to anybody: of workloads that overflowed the kernel's table, or of
        /// a time during which the meter could not be read.
        package var unattributed: Bucket
        /// The meter of the whole node; nil where there is none and the node is the sum of what is known.
        package var meter: NodeMeter?

        package init(
            name: String, cpuModel: String, cpuCount: Int, cpuSeconds: Double, cpuUsage: Double, powerWatts: Double?,
            emissionsGrams: Double?, zones: [ZoneState], idle: Bucket, system: Bucket, unattributed: Bucket
        ) {
            self.name = name
            self.cpuModel = cpuModel
            self.cpuCount = cpuCount
            self.cpuSeconds = cpuSeconds
            self.cpuUsage = cpuUsage
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
            self.idle = idle
            self.system = system
            self.unattributed = unattributed
        }
    }

    /// One metered or estimated part of the machine.
    package struct ZoneState: Codable, Sendable, Equatable {
        package var name: String
        /// `rapl`, `perf`, `hwmon`, `ipmi`, `redfish`, `host`, `estimate`, `model-file`: docs/meters.md.
        package var source: String
        /// `measured`, `modelled`, `estimated`.
        package var quality: String
        /// `cpu`, `memory` or `enclosure`, as OpenTelemetry's `hw.type`.
        package var hardware: String
        /// Cumulative since the agent started.
        package var energyMicrojoules: UInt64
        /// nil while ``isUp`` is false.
        package var powerWatts: Double?
        /// The part of the power that is taken for static (idle), of the last window in which it was up.
        package var staticWatts: Double
        /// False while the meter cannot be read; the energy stands still then.
        package var isUp: Bool
        /// `counter`, `sampled` (power readings added up), `computed`, `remainder` (of the node's meter).
        package var method: String?
        /// The band that the true power lies in nine times out of ten; nil where it is measured.
        package var powerLowWatts: Double?
        package var powerHighWatts: Double?
        /// How the zone's dynamic energy is divided; nil before anything was.
        package var attribution: Attribution?
        /// What a measured zone drew at which load of the node, for model files; nil where it is not measured.
        package var loadCurve: [LoadPoint]?

        package init(
            name: String, source: String, quality: String, hardware: String, energyMicrojoules: UInt64,
            powerWatts: Double?, staticWatts: Double, isUp: Bool, powerLowWatts: Double? = nil,
            powerHighWatts: Double? = nil, attribution: Attribution? = nil, loadCurve: [LoadPoint]? = nil
        ) {
            self.name = name
            self.source = source
            self.quality = quality
            self.hardware = hardware
            self.energyMicrojoules = energyMicrojoules
            self.powerWatts = powerWatts
            self.staticWatts = staticWatts
            self.isUp = isUp
            self.powerLowWatts = powerLowWatts
            self.powerHighWatts = powerHighWatts
            self.attribution = attribution
            self.loadCurve = loadCurve
        }
    }

    /// Mean power of a zone at one load.
    package struct LoadPoint: Codable, Sendable, Equatable {
        /// 0...1.
        package var utilization: Double
        package var watts: Double
        /// Mean absolute deviation.
        package var spreadWatts: Double
        /// Time that was spent at this load, s.
        package var seconds: Double

        package init(utilization: Double, watts: Double, spreadWatts: Double, seconds: Double) {
            self.utilization = utilization
            self.watts = watts
            self.spreadWatts = spreadWatts
            self.seconds = seconds
        }
    }

    /// The method in force for the dynamic energy of one zone, and how good it is.
    package struct Attribution: Codable, Sendable, Equatable {
        /// `model`, `cpu-time`, `cycles` or `ratio`.
        package var method: String
        /// Why that one.
        package var reason: String
        /// How much the model decides, the rest being CPU time's: 0...1.
        package var modelShare: Double
        /// Mean absolute error of the model, and of CPU time, against the meter over the last minutes; nil where
        /// there is nothing to compare.
        package var modelErrorWatts: Double?
        package var cpuTimeErrorWatts: Double?
        /// What the workloads have in common: W per unit of each feature; see docs/model.md.
        package var coefficients: [String: Double]

        package init(
            method: String, reason: String, modelShare: Double = 0, modelErrorWatts: Double? = nil,
            cpuTimeErrorWatts: Double? = nil,
            coefficients: [String: Double] = [:]
        ) {
            self.method = method
            self.reason = reason
            self.modelShare = modelShare
            self.modelErrorWatts = modelErrorWatts
            self.cpuTimeErrorWatts = cpuTimeErrorWatts
            self.coefficients = coefficients
        }
    }

    /// Energy that belongs to no workload.
    package struct Bucket: Codable, Sendable, Equatable {
        /// CPU time, s; nil where the bucket is not about CPU time.
        package var cpuSeconds: Double?
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        /// Cumulative uJ by zone name.
        package var zones: [String: UInt64]

        package init(cpuSeconds: Double?, powerWatts: Double?, emissionsGrams: Double?, zones: [String: UInt64]) {
            self.cpuSeconds = cpuSeconds
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
        }
    }

    /// Cumulative energy of one workload or process in one zone.
    package struct ZoneEnergy: Codable, Sendable, Equatable {
        package var dynamicMicrojoules: UInt64
        package var staticMicrojoules: UInt64

        package init(dynamicMicrojoules: UInt64, staticMicrojoules: UInt64) {
            self.dynamicMicrojoules = dynamicMicrojoules
            self.staticMicrojoules = staticMicrojoules
        }
    }

    /// A container, pod, unit, slice, virtual machine or plain cgroup. Everything cumulative includes what lies
    /// below it in the tree.
    package struct Workload: Codable, Sendable, Equatable {
        /// Unique and stable for as long as the workload is shown.
        package var id: String
        /// One of `container`, `pod`, `namespace`, `unit`, `slice`, `vm`, `cgroup`.
        package var kind: String
        package var name: String
        package var cgroupPath: String
        package var cgroupId: UInt64
        package var parentId: String?
        /// True where its figures are part of those of another of its kind too: a unit in a unit, a container in a
        /// container. nil elsewhere.
        package var isNested: Bool?
        /// False once its cgroup is gone; it stays visible, with its final values, for the retention time.
        package var isAlive: Bool
        package var cpuSeconds: Double
        /// Mean number of CPUs it kept busy in the window.
        package var cpuUsage: Double
        /// Cumulative; nil where the accounting does not know (tier `procfs`).
        package var contextSwitches: UInt64?
        /// How it ran; nil where the accounting does not know (tier `procfs`).
        package var scheduling: Scheduling?
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        package var zones: [String: ZoneEnergy]
        /// What else is known, by OpenTelemetry attribute name: `container.id`, `container.runtime.name`,
        /// `k8s.pod.uid`, ...
        package var labels: [String: String]

        package init(
            id: String, kind: String, name: String, cgroupPath: String, cgroupId: UInt64, parentId: String?,
            isAlive: Bool, cpuSeconds: Double, cpuUsage: Double, contextSwitches: UInt64?, powerWatts: Double?,
            emissionsGrams: Double?, zones: [String: ZoneEnergy], labels: [String: String]
        ) {
            self.id = id
            self.kind = kind
            self.name = name
            self.cgroupPath = cgroupPath
            self.cgroupId = cgroupId
            self.parentId = parentId
            self.isAlive = isAlive
            self.cpuSeconds = cpuSeconds
            self.cpuUsage = cpuUsage
            self.contextSwitches = contextSwitches
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
            self.labels = labels
        }
    }

    /// A breakdown of a workload, not a part of the tree.
    package struct Process: Codable, Sendable, Equatable {
        package var pid: Int32
        package var comm: String
        package var workloadId: String
        package var cpuSeconds: Double
        package var cpuUsage: Double
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        package var zones: [String: ZoneEnergy]

        package init(
            pid: Int32, comm: String, workloadId: String, cpuSeconds: Double, cpuUsage: Double, powerWatts: Double?,
            emissionsGrams: Double?, zones: [String: ZoneEnergy]
        ) {
            self.pid = pid
            self.comm = comm
            self.workloadId = workloadId
            self.cpuSeconds = cpuSeconds
            self.cpuUsage = cpuUsage
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
        }
    }

    /// All processes of one name in one workload, together.
    package struct Command: Codable, Sendable, Equatable {
        package var comm: String
        package var workloadId: String
        package var cpuSeconds: Double
        package var powerWatts: Double?
        package var emissionsGrams: Double?
        package var zones: [String: ZoneEnergy]

        package init(
            comm: String, workloadId: String, cpuSeconds: Double, powerWatts: Double?, emissionsGrams: Double?,
            zones: [String: ZoneEnergy]
        ) {
            self.comm = comm
            self.workloadId = workloadId
            self.cpuSeconds = cpuSeconds
            self.powerWatts = powerWatts
            self.emissionsGrams = emissionsGrams
            self.zones = zones
        }
    }

    /// What turns energy into emissions.
    package struct CarbonState: Codable, Sendable, Equatable {
        /// gCO2e per kWh at the wall.
        package var intensityGramsPerKilowattHour: Double
        /// Where the intensity comes from, in words.
        package var source: String
        /// Power usage effectiveness of the site: energy of the building per energy of its machines, at least 1.
        package var pue: Double

        package init(intensityGramsPerKilowattHour: Double, source: String, pue: Double) {
            self.intensityGramsPerKilowattHour = intensityGramsPerKilowattHour
            self.source = source
            self.pue = pue
        }
    }

    /// The agent about itself.
    package struct AgentState: Codable, Sendable, Equatable {
        package var version: String
        /// RFC 3339 in UTC: the start of every cumulative figure.
        package var startTime: String
        package var cpuSeconds: Double
        package var residentBytes: UInt64
        /// Duration of the tick, from the first meter reading to the snapshot.
        package var tickSeconds: Double
        /// The part of it that reads the kernel's counters.
        package var drainSeconds: Double
        /// The part of it that finds names; nil of agents that do not tell.
        package var namingSeconds: Double?
        /// Ticks that came more than half an interval late.
        package var lateTicks: UInt64
        /// Things that were lost or could not be done since the start, by name; only ever growing.
        package var faults: [String: UInt64]
        package var sources: [SourceState]
        /// What names come from; nil of agents that do not tell.
        package var nameSources: [SourceState]?
        /// What ``Snapshot/aggregates`` are there for: `owner`, `label:NAME`; nil where Kubernetes is not asked.
        package var aggregatedBy: [String]?
        /// What does not work as well as it could, each with its remedy; empty when all is well.
        package var notices: [String]
        /// Meters that ought to say the same, compared.
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

        package init(name: String, isUp: Bool, errors: UInt64, lastError: String?) {
            self.name = name
            self.isUp = isUp
            self.errors = errors
            self.lastError = lastError
        }
    }
}

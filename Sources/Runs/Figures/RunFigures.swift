package import Snapshot
internal import Terminal

/// What one run of a command used. Whatever is not known is nil.
package struct RunFigures: Sendable, Equatable {
    /// One part of the machine.
    package struct Zone: Sendable, Equatable, Codable {
        /// The meter, as `rapl`.
        package var source: String
        /// What ``dynamicMicrojoules`` is worth, given the meter and how the machine's idle power is known: `measured`,
        /// `modelled`, `estimated`.
        package var quality: String
        /// What the meter's reading of the whole zone is worth.
        package var meterQuality: String
        /// Because the command ran.
        package var dynamicMicrojoules: UInt64
        /// Its share of what the machine draws at rest, by `--attribution.static` of the agent; 0 where the machine keeps
        /// that.
        package var staticMicrojoules: UInt64
        /// What the zone draws at rest in the time of the run, whether the command runs or not: not part of the
        /// command's energy. nil where the zone's idle power is not known.
        package var idleMicrojoules: UInt64?

        package init(
            source: String, quality: String, meterQuality: String, dynamicMicrojoules: UInt64,
            staticMicrojoules: UInt64, idleMicrojoules: UInt64?
        ) {
            self.source = source
            self.quality = quality
            self.meterQuality = meterQuality
            self.dynamicMicrojoules = dynamicMicrojoules
            self.staticMicrojoules = staticMicrojoules
            self.idleMicrojoules = idleMicrojoules
        }

        /// What is charged to the command.
        package var microjoules: UInt64 { .saturatingSum(dynamicMicrojoules, staticMicrojoules) }
    }

    /// By name, in the order of the node's zones. Empty where no power is known.
    package var zones: NamedValues<Zone>
    package var wallSeconds: Double
    package var cpuSeconds: Double
    /// The largest mean of a window of the agent that lies within the run; nil where none does.
    package var peakWatts: Double?
    package var emissionsGrams: Double?
    /// Processes that still ran when the command had ended: their energy until then is included.
    package var processesLeft = 0

    package init(zones: NamedValues<Zone>, wallSeconds: Double, cpuSeconds: Double) {
        self.zones = zones
        self.wallSeconds = wallSeconds
        self.cpuSeconds = cpuSeconds
    }

    /// Charged to the command, all zones together, J; nil where no power is known.
    package var joules: Double? {
        zones.isEmpty ? nil : zones.values.reduce(0) { $0 + Double($1.microjoules) } / 1e6
    }

    /// nil where no power is known, and for a run without length.
    package var averageWatts: Double? { wallSeconds > 0 ? joules.map { $0 / wallSeconds } : nil }

    /// The parts of the energy by what they are worth, 0...1, without those that are nothing. Empty where there is no
    /// energy. Static energy counts with its zone.
    package var shares: [(quality: String, share: Double)] {
        guard let joules, joules > 0 else { return [] }
        return ["measured", "modelled", "estimated"].compactMap { quality in
            let part = zones.values.reduce(0) { $0 + ($1.quality == quality ? Double($1.microjoules) : 0) } / 1e6
            return part > 0 ? (quality, part / joules) : nil
        }
    }
}

/// Why a run's figures are not in a snapshot.
package enum MissingRun: Error, Equatable, CustomStringConvertible {
    /// There is no such cgroup.
    case unknown
    /// Its energy is part of another workload's.
    case hidden(in: String)
    /// The agent is another process than before: between the two nothing was measured.
    case restarted

    package var description: String {
        switch self {
        case .unknown:
            "the agent does not see the cgroup of the run: it runs on another machine, or in a container without the "
                + "machine's cgroups"
        case .restarted:
            "the agent was restarted while the command ran, so that what it used in between is not known"
        case .hidden(let path):
            "the agent adds the cgroup of the run up with others in \(path): raise its --limits.memory"
        }
    }
}

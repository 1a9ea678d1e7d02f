package import Accounting
package import ArgumentParser
package import Attribution
package import Engine
internal import Glibc
internal import Impact
internal import Linux

/// The options that describe the machine and how it is measured; the same for the agent and for `energyctl` without
/// an agent.
package struct EngineOptions: ParsableArguments {
    @OptionGroup package var paths: PathOptions

    @OptionGroup package var power: PowerOptions

    @Option(
        name: .customLong("sample.interval"), parsing: .unconditional,
        help: ArgumentHelp("Time between two samples, 100ms to 60s.", valueName: "time"))
    package var interval = TimeSpan(.seconds(1))

    @Option(
        name: .customLong("carbon.zone"),
        help: ArgumentHelp(
            "Country of the node (DE, FRA, US, ...), for its yearly mean carbon intensity.",
            discussion: "Without it and --carbon.intensity the mean of the world is taken.", valueName: "code"))
    package var carbonZone: String?

    @Option(
        name: .customLong("carbon.intensity"), parsing: .unconditional,
        help: ArgumentHelp("Carbon intensity of the node's electricity, gCO2e per kWh.", valueName: "g/kWh"))
    package var carbonIntensity: Double?

    @Option(
        name: .customLong("carbon.pue"), parsing: .unconditional,
        help: ArgumentHelp(
            "Power usage effectiveness of the site, at least 1: what the building uses per what its machines use.",
            valueName: "factor"))
    package var pue = CarbonModel.defaultPUE

    @Option(
        name: .customLong("node.name"),
        help: ArgumentHelp("Name of the node. (default: $NODE_NAME, else the host name)", valueName: "name"))
    package var nodeName: String?

    @Option(
        name: .customLong("processes"),
        help: ArgumentHelp("Account per process too; auto: where no containers run.", valueName: "auto|on|off"))
    package var processes = AccountingConfiguration.ProcessTracking.automatic

    @Option(
        name: .customLong("processes.max"), parsing: .unconditional,
        help: ArgumentHelp("Processes to keep room for in the kernel, 1 to 1000000.", valueName: "n"))
    package var processLimit = 8192

    @Option(
        name: .customLong("retention"), parsing: .unconditional,
        help: ArgumentHelp("How long a workload that ended stays visible.", valueName: "time"))
    package var retention = TimeSpan(.seconds(600))

    @Option(
        name: .customLong("tier"),
        help: ArgumentHelp(
            "How to account CPU time: ebpf (by kernel programs), ebpf-batch (the same on kernels before 5.19), procfs "
                + "(from cpu.stat and /proc); auto takes the first of them that the machine allows.",
            valueName: "auto|ebpf|ebpf-batch|procfs"))
    package var tier = AccountingConfiguration.TierChoice.automatic

    @Option(
        name: .customLong("cgroups.max"), parsing: .unconditional,
        help: ArgumentHelp(
            "Cgroups that the kernel's table may grow to, 16 to 1000000; the time of others is kept, not their name.",
            valueName: "n"))
    package var cgroupLimit = 65536

    @Flag(
        name: .customLong("scheduling"),
        help: "Also keep how long each workload's threads waited for a CPU, as a histogram.")
    package var tracksWaits = false

    @Option(
        name: .customLong("counters"),
        help: ArgumentHelp(
            "Hardware counters (cycles, instructions, cache misses) per workload; auto: where the machine has them; "
                + "software: other events in their place, to try it.",
            valueName: "auto|off|software"))
    package var counters = AccountingConfiguration.CounterChoice.automatic

    @Option(
        name: .customLong("counters.budget"), parsing: .unconditional,
        help: ArgumentHelp(
            "Time that reading them may take per context switch, ns; above it only some switches are counted.",
            valueName: "ns"))
    package var counterBudget = 100

    @Option(
        name: .customLong("names"),
        help: ArgumentHelp(
            "What else is asked for names besides the path: logs (the kubelet's directories), docker, podman, "
                + "containerd, cri-o, systemd, qemu; separated by commas, or none.", valueName: "list"))
    package var names = NameSelection.standard

    @Option(
        name: .customLong("attribution"),
        help: ArgumentHelp(
            "How dynamic energy is divided; auto learns from the meter and uses CPU time until it knows better.",
            valueName: "auto|cpu-time|cycles|ratio"))
    package var attribution = AttributionMethod.automatic

    @Option(
        name: .customLong("attribution.static"),
        help: ArgumentHelp(
            "Who bears the energy that is used whether or not anything runs; none: the node.",
            valueName: "none|cpu-time|equal|requests"))
    package var staticPolicy = StaticPolicy.none

    @Option(
        name: .customLong("power.model"),
        help: ArgumentHelp(
            "What a node of the same CPU has learned from its meter (energyctl model export); used where there is no "
                + "meter.", valueName: "file"))
    package var powerModel: String?

    package init() {}

    package mutating func validate() throws {
        guard interval.duration >= .milliseconds(100), interval.duration <= .seconds(60) else {
            throw ValidationError("--sample.interval must lie between 100ms and 60s.")
        }
        guard pue.isFinite, pue >= 1, pue <= 10 else {
            throw ValidationError("--carbon.pue must be at least 1 (and at most 10); typical sites have 1.1 to 1.6.")
        }
        guard (1...1_000_000).contains(processLimit) else {
            throw ValidationError("--processes.max must lie between 1 and 1000000.")
        }
        guard (16...1_000_000).contains(cgroupLimit) else {
            throw ValidationError("--cgroups.max must lie between 16 and 1000000.")
        }
        guard (1...1_000_000).contains(counterBudget) else {
            throw ValidationError("--counters.budget must lie between 1 and 1000000 ns.")
        }
        if let carbonIntensity, !(carbonIntensity >= 0 && carbonIntensity <= 5000) {
            throw ValidationError("--carbon.intensity must lie between 0 and 5000 gCO2e per kWh.")
        }
        if carbonIntensity != nil, carbonZone != nil {
            throw ValidationError("--carbon.intensity and --carbon.zone exclude each other: give one.")
        }
        if let carbonZone, CarbonIntensity.country(carbonZone) == nil {
            let near = CarbonIntensity.suggestions(for: carbonZone)
            let hint = near.isEmpty ? "" : " Did you mean \(near.joined(separator: ", "))?"
            throw ValidationError(
                "--carbon.zone: '\(printable(carbonZone, limit: 20))' is not in the table of countries; use an ISO "
                    + "3166-1 code such as DE or FRA, or give --carbon.intensity.\(hint)")
        }
    }

    /// The engine's configuration as the options have it.
    package var configuration: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.paths = paths.paths
        configuration.interval = interval.duration
        configuration.nodeName =
            nodeName ?? getenv("NODE_NAME").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? hostName()
        configuration.carbon = CarbonModel(intensity: intensity, pue: pue)
        configuration.processes = processes
        configuration.processLimit = processLimit
        configuration.retention = retention.duration
        configuration.tier = tier
        configuration.cgroupLimit = cgroupLimit
        configuration.tracksWaits = tracksWaits
        configuration.counters = counters
        configuration.counterBudget = counterBudget
        configuration.power = power.configuration
        configuration.readsLogDirectories = names.logs
        configuration.names = names.feed(paths.paths)
        configuration.attribution = attribution
        configuration.staticPolicy = staticPolicy
        configuration.powerModelPath = powerModel
        return configuration
    }

    private var intensity: CarbonIntensity {
        if let carbonIntensity {
            return CarbonIntensity(gramsPerKilowattHour: carbonIntensity, source: "configured")
        }
        return carbonZone.flatMap(CarbonIntensity.country)
            ?? CarbonIntensity(
                gramsPerKilowattHour: CarbonIntensity.world.gramsPerKilowattHour,
                source: CarbonIntensity.world.source + "; set --carbon.zone for yours")
    }
}

extension AccountingConfiguration.ProcessTracking: ExpressibleByArgument {}
extension AccountingConfiguration.TierChoice: ExpressibleByArgument {}
extension AccountingConfiguration.CounterChoice: ExpressibleByArgument {}
extension AttributionMethod: ExpressibleByArgument {}
extension StaticPolicy: ExpressibleByArgument {}

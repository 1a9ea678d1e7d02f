import ArgumentParser
import CLI
import FoundationEssentials
import Linux
import Settings
import Simulation

/// Simulates the meters of a machine that has the load of this one.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Simulate a RAPL tree that follows this machine's real load, for demos and tests.",
        discussion: """
            The counters below DIR advance as those of a machine with the given watts would under the load of this \
            one. DIR/truth.json always has the true energy of each workload.

            Runs until SIGINT, SIGTERM or the end of --duration. See docs/simulate.md.

            EXAMPLES
              energyctl simulate --path /tmp/machine &
              energyd --path.sysfs /tmp/machine
              energyctl simulate --path /tmp/machine --package 60:12 --fault stuck:20s:5s
            """)

    @Option(help: ArgumentHelp("Directory of the tree: new, empty, or of an earlier simulation.", valueName: "dir"))
    var path: String

    @Option(
        name: .customLong("package"),
        help: ArgumentHelp(
            "Watts of the package at rest, and additional watts per busy CPU.", valueName: "idle:per-cpu"))
    var package = WattPair(idle: 30, perCPU: 8)

    @Option(
        name: .customLong("dram"),
        help: ArgumentHelp("Watts of the memory at rest, and additional watts per busy CPU.", valueName: "idle:per-cpu")
    )
    var dram = WattPair(idle: 6, perCPU: 1.5)

    @Option(
        name: .customLong("dram-per-fault"),
        help: ArgumentHelp(
            "Energy of the memory per page fault, in addition; page faults stand in for cache misses, as with --counters "
                + "software.",
            valueName: "microjoules"))
    var faultMicrojoules = 0.0

    @Option(help: ArgumentHelp("Watts of the rest of the node; adds a psys zone.", valueName: "watts"))
    var platform: Double?

    @Option(
        name: .customLong("workload"),
        help: ArgumentHelp(
            "A cgroup to list in truth.json, and its watts per busy CPU where they differ from the others'.",
            valueName: "path[=package:dram]"))
    var workloads: [SimulatedWorkload] = []

    @Option(
        help: ArgumentHelp("Mean error of a reading as a share of the energy of a step, 0 to 0.5.", valueName: "share"))
    var noise = 0.0

    @Option(
        name: .customLong("wrap-after"),
        help: ArgumentHelp("Start the package's counter so that it wraps after this many joules.", valueName: "joules"))
    var wrapAfter: Double?

    @Option(
        name: .customLong("fault"),
        help: ArgumentHelp(
            "A fault to simulate: \(MeterFault.Kind.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "kind:after:length"))
    var faults: [MeterFault] = []

    @Option(help: ArgumentHelp("End after this time.", valueName: "time"))
    var duration: TimeSpan?

    @Option(help: ArgumentHelp("Time between two steps of the counters, 5ms to 1s.", valueName: "time"))
    var step = TimeSpan(.milliseconds(20))

    @Option(name: .customLong("path.procfs"), help: ArgumentHelp("Where /proc is.", valueName: "dir"))
    var procfs = "/proc"

    @Option(name: .customLong("path.cgroupfs"), help: ArgumentHelp("Where the cgroup tree is.", valueName: "dir"))
    var cgroupfs = "/sys/fs/cgroup"

    func validate() throws {
        guard step.duration >= .milliseconds(5), step.duration <= .seconds(1) else {
            throw ValidationError("--step must lie between 5ms and 1s.")
        }
        guard faultMicrojoules >= 0, faultMicrojoules <= 1000 else {
            throw ValidationError("--dram-per-fault must lie between 0 and 1000 microjoules.")
        }
        guard noise >= 0, noise <= 0.5 else { throw ValidationError("--noise must lie between 0 and 0.5.") }
        guard (platform ?? 0) >= 0, (platform ?? 0) < 10_000 else {
            throw ValidationError("--platform must lie between 0 and 10000 watts.")
        }
        guard (wrapAfter ?? 1) > 0, (wrapAfter ?? 1) < 262_143 else {
            throw ValidationError("--wrap-after must lie between 0 and 262143 joules.")
        }
    }

    func run() async throws {
        var model = MachineModel()
        model.package = .init(idle: package.idle, perCPU: package.perCPU)
        model.dram = .init(idle: dram.idle, perCPU: dram.perCPU)
        model.joulesPerFault = faultMicrojoules / 1e6
        model.platform = platform
        for workload in workloads {
            if let watts = workload.watts { model.workloads[workload.path] = (watts.idle, watts.perCPU) }
        }
        let start = wrapAfter.map { PowercapTree.range - min(UInt64($0 * 1e6), PowercapTree.range) } ?? 0
        var tree: PowercapTree
        do {
            tree = try PowercapTree(path: path, hasPlatform: platform != nil, startingAt: start)
        } catch {
            throw ValidationError("--path: \(error)")
        }
        let paths = HostPaths(procfs: procfs, cgroupfs: cgroupfs)
        var clock = CPUClock(paths: paths, watched: workloads.map(\.path))
        var faultCounter = FaultCounter(paths: paths, watched: workloads.map(\.path))
        var truth = SimulationTruth()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let now = ContinuousClock()
        let origin = now.now
        var last = origin
        _ = clock.read()
        while duration.map({ now.now - origin < $0.duration }) ?? true {
            let moment = now.now
            let (busy, used) = clock.read()
            let elapsed = (moment - last) / .seconds(1)
            last = moment
            let before = [truth.package.joules, truth.dram.joules, truth.platformJoules]
            let faulted = model.joulesPerFault > 0 ? faultCounter.read() : (0, [:])
            truth.advance(model, seconds: elapsed, busy: busy, workloads: used, faults: faulted)
            let energy = [truth.package.joules, truth.dram.joules, truth.platformJoules]
            // A reading is late by a part of the step, as the hardware's are: the error does not add up.
            let lag = noise * Double.random(in: 0...2)
            let fault = faults.first { $0.start <= truth.seconds && truth.seconds < $0.start + $0.length }
            tree.show(zip(energy, before).map { $0 - lag * ($0 - $1) }, fault: fault)
            tree.write(String(decoding: try encoder.encode(truth), as: UTF8.self) + "\n", to: "truth.json")
            try await now.sleep(until: moment + step.duration, tolerance: .zero)
        }
    }
}

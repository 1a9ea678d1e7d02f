/// The power of a simulated machine: what an agent that reads its meters should find.
package struct MachineModel: Sendable, Equatable {
    /// Watts of one zone: at rest, and more for every busy CPU.
    package struct Zone: Sendable, Equatable {
        package var idle: Double
        package var perCPU: Double

        package init(idle: Double, perCPU: Double) {
            self.idle = idle
            self.perCPU = perCPU
        }
    }

    /// A server of 2020: docs/simulate.md.
    package var package = Zone(idle: 30, perCPU: 8)
    package var dram = Zone(idle: 6, perCPU: 1.5)
    /// J that the memory uses beyond that for a page fault: memory-bound work costs more than its CPU time suggests.
    package var joulesPerFault = 0.0
    /// What the whole node draws beyond these, W; nil for a machine without a meter of it.
    package var platform: Double?
    /// Watts per busy CPU of cgroups that draw others than the rest, by path.
    package var workloads: [String: (package: Double, dram: Double)] = [:]

    package init() {}

    package static func == (a: Self, b: Self) -> Bool {
        a.package == b.package && a.dram == b.dram && a.platform == b.platform
            && a.joulesPerFault == b.joulesPerFault
            && a.workloads.mapValues { [$0.package, $0.dram] } == b.workloads.mapValues { [$0.package, $0.dram] }
    }
}

/// Energy of the simulated machine so far, by workload.
package struct SimulationTruth: Codable, Sendable, Equatable {
    package struct Zone: Codable, Sendable, Equatable {
        /// All of it, noise aside.
        package var joules = 0.0
        /// What is drawn at rest.
        package var idleJoules = 0.0
        /// Dynamic energy of the watched workloads by cgroup path.
        package var workloads: [String: Double] = [:]
        /// Dynamic energy of everything else.
        package var otherJoules = 0.0

        package var dynamicJoules: Double { joules - idleJoules }

        package init() {}
    }

    package var seconds = 0.0
    package var package = Zone()
    package var dram = Zone()
    package var platformJoules = 0.0

    package init() {}

    /// Lets the machine run.
    ///
    /// - Parameters:
    ///   - busy: CPU time that was used by everything, s.
    ///   - workloads: the part of it of the watched cgroups.
    ///   - faults: page faults of everything, and of the watched cgroups.
    package mutating func advance(
        _ model: MachineModel, seconds elapsed: Double, busy: Double, workloads used: [String: Double],
        faults: (all: Double, workloads: [String: Double]) = (0, [:])
    ) {
        seconds += elapsed
        let rest = max(0, busy - used.values.reduce(0, +))
        func add(_ watts: MachineModel.Zone, to zone: inout Zone, of workload: (String) -> Double) {
            var dynamic = rest * watts.perCPU
            zone.otherJoules += dynamic
            for (path, time) in used {
                let joules = time * workload(path)
                zone.workloads[path, default: 0] += joules
                dynamic += joules
            }
            zone.idleJoules += watts.idle * elapsed
            zone.joules += watts.idle * elapsed + dynamic
        }
        add(model.package, to: &package) { model.workloads[$0]?.package ?? model.package.perCPU }
        add(model.dram, to: &dram) { model.workloads[$0]?.dram ?? model.dram.perCPU }
        for (path, count) in faults.workloads {
            dram.workloads[path, default: 0] += count * model.joulesPerFault
        }
        dram.otherJoules += (faults.all - faults.workloads.values.reduce(0, +)) * model.joulesPerFault
        dram.joules += faults.all * model.joulesPerFault
        platformJoules = package.joules + dram.joules + (model.platform ?? 0) * seconds
    }
}

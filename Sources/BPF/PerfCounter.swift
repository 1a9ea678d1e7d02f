internal import CLinux
internal import Glibc

/// A performance counter of the kernel, open on every CPU that is online.
package final class PerfCounter {
    /// What is counted. Types and numbers: `linux/perf_event.h`, as perf_event_open(2) describes them.
    package struct Event: Sendable, Equatable {
        package let name: String
        let type: UInt32
        let config: UInt64

        package static let cycles = Event(name: "cycles", type: 0, config: 0)
        package static let instructions = Event(name: "instructions", type: 0, config: 1)
        package static let cacheMisses = Event(name: "cache misses", type: 0, config: 3)
        /// Software events, which every machine has: they take the place of the others in tests.
        package static let cpuClock = Event(name: "CPU clock", type: 1, config: 0)
        package static let contextSwitches = Event(name: "context switches", type: 1, config: 3)
        package static let pageFaults = Event(name: "page faults", type: 1, config: 2)
    }

    package let event: Event
    private var descriptors: [Int: Int32] = [:]

    /// Opens the event on each of `cpus`. `ENOENT` where the machine has no such counter, `EACCES` without CAP_PERFMON.
    package init(_ event: Event, cpus: [Int]) throws(BPFError) {
        self.event = event
        for cpu in cpus {
            let descriptor = energyd_perf_open(event.type, event.config, Int32(cpu), 1)
            guard descriptor >= 0 else {
                close()
                throw BPFError(operation: "open the counter of \(event.name) on CPU \(cpu)", code: -descriptor)
            }
            descriptors[cpu] = descriptor
        }
    }

    deinit {
        close()
    }

    /// Lets programs read the counter through a map of perf events.
    package func install(in map: Map) throws(BPFError) {
        for (cpu, descriptor) in descriptors { try map.update(UInt32(cpu), descriptor) }
    }

    private func close() {
        for descriptor in descriptors.values { _ = Glibc.close(descriptor) }
        descriptors = [:]
    }
}

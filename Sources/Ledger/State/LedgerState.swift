package import Accounting
package import Attribution
package import Units

/// The ledger as it is read from the state file: every cumulative total, at the end of one tick.
package struct LedgerState: Equatable {
    package struct Workload: Equatable {
        package var id: String
        package var kind: String
        package var path: String
        package var name: String
        package var cgroup: UInt64
        /// Index of its parent, which comes before it.
        package var parent: Int?
        package var totals: Totals
        /// Of the groups that have its past.
        package var dimensions: [String] = []
        package var counters = UsageCounters()
        /// What was read from the cgroup's files, by name.
        package var files: [String: UInt64] = [:]
    }

    /// A sum over pods; see ``RollUps``.
    package struct Group: Equatable {
        package var dimension: String
        package var parts: [String]
        package var totals: Totals
    }

    /// A sum over the processes of one name in a workload; see ``Commands``.
    package struct Command: Equatable {
        package var workload: String
        package var name: String
        package var totals: Totals

        package init(workload: String, name: String, totals: Totals) {
            self.workload = workload
            self.name = name
            self.totals = totals
        }
    }

    /// What some of ``UsageCounters`` mean.
    package struct Meaning: Equatable {
        /// Of ``UsageCounters/counted``.
        package var events: [String] = []
        /// Of ``UsageCounters/classNanoseconds``.
        package var classes: [String] = []

        package init(events: [String] = [], classes: [String] = []) {
            self.events = events
            self.classes = classes
        }
    }

    /// What was learned of the machine's idle power, which is as true after the next boot.
    package struct LearnedIdle: Equatable {
        /// The machine that it was learned on; empty where nothing was.
        package var machine = ""
        /// Numbers of the learner, by zone and source.
        package var zones: [String: [Double]] = [:]

        package init(machine: String = "", zones: [String: [Double]] = [:]) {
            self.machine = machine
            self.zones = zones
        }
    }

    /// The totals belong to one run of the kernel: its cgroup ids, and its meters.
    package var bootID: String
    /// Of the first run of the agent that they contain.
    package var startTime: String
    package var zones: [(zone: Zone, energy: Microjoules)]
    package var node: NodeTotals
    package var workloads: [Workload]
    package var groups: [Group] = []
    package var commands: [Command] = []
    package var meaning = Meaning()
    package var idle = LearnedIdle()

    package static func == (a: Self, b: Self) -> Bool {
        a.bootID == b.bootID && a.startTime == b.startTime && a.node == b.node && a.workloads == b.workloads
            && a.groups == b.groups && a.commands == b.commands && a.meaning == b.meaning && a.idle == b.idle
            && a.zones.elementsEqual(b.zones) { $0.zone == $1.zone && $0.energy == $1.energy }
    }

    /// True where every zone is the sum of what was handed out, as in the ledger that was saved.
    package var addsUp: Bool {
        zones.indices.allSatisfy { zone in
            var sum: UInt64 = 0
            var overflows = false
            let parts = node.all.dropFirst() + workloads.lazy.filter { $0.parent == nil }.map(\.totals)
            for totals in parts {
                for amount in [totals.dynamicEnergy(zone), totals.staticEnergy(zone)] {
                    let result = sum.addingReportingOverflow(amount)
                    sum = result.partialValue
                    overflows = overflows || result.overflow
                }
            }
            return !overflows && sum == zones[zone].energy.count
        }
    }

    /// Raised with every change of the layout. Those before, down to ``oldestVersion``, are read too: 5 does
    /// not say since when something counts, 4 has no idle power, 3 no update blocks, 2 no counters and no commands either.
    static let version: UInt64 = 6
    static let oldestVersion: UInt64 = 2
    static let magic = Array("energyd\n".utf8)

    /// Why a file is not taken.
    package struct Refusal: Error, CustomStringConvertible, Equatable {
        package let description: String

        static let corrupt = Refusal(description: "it is corrupt")
        static let foreign = Refusal(description: "it is not a state file")
    }
}

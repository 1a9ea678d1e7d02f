package import Attribution
package import Linux
package import Units

/// Intel's and AMD's running average power limit counters, through the kernel's powercap files.
package struct RAPLSource: PowerSource {
    package let name: String
    private var tree: PowercapTree
    private var counters: ZoneCounters

    /// The machine's own counters: `rapl`, or `rapl-mmio` for their memory-mapped repetition.
    ///
    /// Throws the diagnosis where there is no zone that can be read.
    package init(paths: HostPaths, interface: RAPLInterface = .registers) throws(Diagnosis) {
        let tree = try PowercapTree(root: paths.sysfs + "/class/powercap", interface: interface) { root in
            explainMissingRAPL(root: root, paths: paths, interface: interface)
        }
        self.init(tree, name: interface == .mmio ? "rapl-mmio" : "rapl", design: designPower(of: paths))
    }

    /// `host`, in this process; see ``PowercapTree/init(hostTree:)``.
    package init(hostTree path: String) throws(Diagnosis) {
        self.init(try PowercapTree(hostTree: path), name: "host")
    }

    private init(_ tree: PowercapTree, name: String, design: Watts? = nil) {
        self.name = name
        self.tree = tree
        counters = ZoneCounters(source: name, design: design)
        counters.adopt(tree.known)
    }

    package var health: SourceHealth { counters.health }

    package var zones: [Zone] { counters.zones }

    package var stillZones: [ZoneID: String] { counters.stillZones }

    package mutating func sample(at now: Seconds) {
        tree.searchIfDue(at: now.value)
        counters.take(tree.read(at: now.value), at: now)
    }

    package mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        counters.report(activity, at: now)
    }
}

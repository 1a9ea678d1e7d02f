import Snapshot
import TestSupport

/// A node's counters, as an agent's snapshots have them: a tree of workloads that come, run, end and go.
struct ScriptedCounters {
    struct Place {
        var id: String
        var kind: String
        var name: String
        var parent: String?
        var labels: [String: String]
        /// Everything below included, uJ by zone.
        var dynamic: [UInt64]
        var cpu = 0.0
    }

    static let zones = ["package-0", "dram"]
    /// gCO2e per kWh.
    static let grams = 360.0

    var unixTime: Double
    var epoch: Double
    var processStart: Double
    var sequence: UInt64 = 0
    var places: [String: Place] = [:]
    var order: [String] = []
    var idle: [UInt64] = [0, 0]
    var system: [UInt64] = [0, 0]
    var unattributed: [UInt64] = [0, 0]
    /// What retired without a parent, in the workload that has the past of all such.
    var node: [UInt64] = [0, 0]

    init(at unixTime: Double) {
        (self.unixTime, epoch, processStart) = (unixTime, unixTime, unixTime)
    }

    mutating func add(
        _ id: String, kind: String = "cgroup", name: String? = nil, in parent: String? = nil,
        labels: [String: String] = [:]
    ) {
        places[id] = Place(
            id: id, kind: kind, name: name ?? id, parent: parent, labels: labels, dynamic: [0, 0])
        order.append(id)
    }

    /// Adds a pod of a Deployment with one container, whose owner and labels are the pod's alone, as an engine has them.
    mutating func addPod(_ name: String, owner: String, namespace: String = "shop", in parent: String? = "kubepods") {
        let labels = [
            "k8s.namespace.name": namespace, "k8s.pod.name": name, "k8s.pod.uid": "uid-\(name)",
            "k8s.owner.kind": "Deployment", "k8s.owner.name": owner, "k8s.pod.label.team": "t-\(owner)",
        ]
        add("pod-\(name)", kind: "pod", name: name, in: parent, labels: labels)
        let common = labels.filter { ["k8s.namespace.name", "k8s.pod.name"].contains($0.key) }
        add("container-\(name)", kind: "container", name: "app", in: "pod-\(name)", labels: common)
    }

    /// Energy of a workload and everything above it.
    mutating func run(_ id: String, _ microjoules: [UInt64], cpu: Double = 0) {
        var next: String? = id
        while let place = next {
            for zone in 0..<2 { places[place]?.dynamic[zone] += microjoules[zone] }
            places[place]?.cpu += cpu
            next = places[place]?.parent
        }
        for zone in 0..<2 { node[zone] += microjoules[zone] }
    }

    mutating func rest(_ microjoules: [UInt64]) {
        for zone in 0..<2 {
            idle[zone] += microjoules[zone]
            node[zone] += microjoules[zone]
        }
    }

    /// Takes a workload without children out of the snapshot, as the ledger does: what is above it keeps its past, or
    /// `ended` gets it.
    mutating func retire(_ id: String) {
        guard let place = places.removeValue(forKey: id) else { return }
        order.removeAll { $0 == id }
        guard place.parent == nil else { return }
        if places["ended"] == nil { add("ended", name: "(ended)") }
        for zone in 0..<2 { places["ended"]?.dynamic[zone] += place.dynamic[zone] }
        places["ended"]?.cpu += place.cpu
    }

    /// The next snapshot, so many seconds later.
    mutating func tick(_ seconds: Double = 1) -> Snapshot {
        unixTime += seconds
        sequence += 1
        return snapshot(window: seconds)
    }

    func snapshot(window: Double) -> Snapshot {
        func bucket(_ energy: [UInt64]) -> Snapshot.Bucket {
            Snapshot.Bucket(
                cpuSeconds: nil, powerWatts: nil, emissionsGrams: grams(energy),
                zones: Dictionary(uniqueKeysWithValues: zip(Self.zones, energy)))
        }
        let workloads = order.compactMap { places[$0] }.map { place in
            Snapshot.Workload(
                id: place.id, kind: place.kind, name: place.name, cgroupPath: "/\(place.id)", cgroupId: 1,
                parentId: place.parent, isAlive: true, cpuSeconds: place.cpu, cpuUsage: 0, contextSwitches: nil,
                powerWatts: nil, emissionsGrams: grams(place.dynamic),
                zones: NamedValues(
                    names: Self.zones,
                    values: place.dynamic.map { Snapshot.ZoneEnergy(dynamicMicrojoules: $0, staticMicrojoules: 0) }),
                labels: place.labels)
        }
        var agent = Snapshot.AgentState(
            version: "test", startTime: "", cpuSeconds: 0, residentBytes: 0, tickSeconds: 0, drainSeconds: 0,
            lateTicks: 0, faults: [:], sources: [], notices: [])
        (agent.startUnixTime, agent.processStartUnixTime) = (epoch, processStart)
        let zones = zip(Self.zones, node).map { name, energy in
            Snapshot.ZoneState(
                name: name, source: "rapl", quality: "measured", hardware: "cpu", energyMicrojoules: energy,
                powerWatts: nil, staticWatts: 0, isUp: true)
        }
        return Snapshot(
            timestamp: "", unixTime: unixTime, sequence: sequence, windowSeconds: window, tier: "ebpf", tierReason: "",
            node: Snapshot.Node(
                name: "node", cpuModel: "", cpuCount: 1, cpuSeconds: 0, cpuUsage: 0, powerWatts: nil,
                emissionsGrams: nil, zones: zones, idle: bucket(idle), system: bucket(system),
                unattributed: bucket(unattributed)),
            carbon: Snapshot.CarbonState(
                intensityGramsPerKilowattHour: Self.grams, source: "test", pue: 1),
            workloads: workloads, processes: [], commands: [], agent: agent)
    }

    private func grams(_ energy: [UInt64]) -> Double {
        energy.reduce(0) { $0 + Double($1) } / 3.6e12 * Self.grams
    }
}

internal import Linux
internal import Snapshot
internal import Units
internal import Workloads

extension Account {
    /// Mean number of CPUs that were kept busy in the window.
    func cpuUsage(window: Double) -> Double {
        window > 0 ? Seconds(nanoseconds: windowNanoseconds).value / window : 0
    }

    func watts(window: Double) -> Double {
        windowEnergy.power(over: Seconds(window)).value
    }

    /// Cumulative energy under the names of the zones.
    func energyByZone(_ zones: [String]) -> NamedValues<Snapshot.ZoneEnergy> {
        NamedValues(
            names: zones,
            values: zones.indices.map { index in
                Snapshot.ZoneEnergy(
                    dynamicMicrojoules: index < dynamic.count ? dynamic[index] : 0,
                    staticMicrojoules: index < fixed.count ? fixed[index] : 0)
            })
    }

    /// The same for a bucket of the node, which makes no difference between static and dynamic.
    func bucket(window: Double, zones: [String], countsTime: Bool) -> Snapshot.Bucket {
        Snapshot.Bucket(
            cpuSeconds: countsTime ? Seconds(nanoseconds: cpuNanoseconds).value : nil,
            powerWatts: watts(window: window), emissionsGrams: emissions.value,
            zones: Dictionary(
                uniqueKeysWithValues: energyByZone(zones).map { ($0, $1.dynamicMicrojoules + $1.staticMicrojoules) }))
    }
}

extension WorkloadTable {
    /// What readers see of the workloads. Those that did not change since the last call cost nothing.
    mutating func views(
        window: Double, zones: [String], scheduling: (Workload) -> Snapshot.Scheduling?
    ) -> [Snapshot.Workload] {
        for index in workloads.indices where workloads[index].isShown && workloads[index].view == nil {
            var view = view(of: workloads[index], window: window, zones: zones)
            view.scheduling = scheduling(workloads[index])
            if view.scheduling == nil { view.contextSwitches = nil }
            if isNested(index) { view.isNested = true }
            setView(view, of: index)
        }
        return workloads.compactMap { $0.isShown ? $0.view : nil }
    }

    /// True where one above it is of its kind.
    private func isNested(_ index: Int) -> Bool {
        var next = workloads[index].parent
        while let above = next {
            if workloads[above].identity.kind == workloads[index].identity.kind { return true }
            next = workloads[above].parent
        }
        return false
    }

    private func view(of workload: Workload, window: Double, zones: [String]) -> Snapshot.Workload {
        let account = workload.account
        return Snapshot.Workload(
            id: workload.id, kind: workload.identity.kind.rawValue, name: workload.name,
            cgroupPath: workload.identity.path, cgroupId: workload.cgroup & ~CgroupTree.legacyBit,
            parentId: workload.parent.map { workloads[$0].id }, isAlive: workload.endedAt == nil,
            cpuSeconds: Seconds(nanoseconds: account.cpuNanoseconds).value,
            cpuUsage: account.cpuUsage(window: window), contextSwitches: account.switches,
            powerWatts: account.watts(window: window), emissionsGrams: account.emissions.value,
            zones: account.energyByZone(zones),
            labels: workload.labels)
    }
}

extension WorkloadTable.Workload {
    /// For people: what it is called, or else what its path tells.
    fileprivate var name: String {
        let names =
            switch identity.kind {
            case .container: ["k8s.container.name", "container.name"]
            case .pod: ["k8s.pod.name"]
            case .vm: ["vm.name"]
            case .unit, .slice, .cgroup, .namespace: [String]()
            }
        return names.lazy.compactMap { facts[$0] }.first ?? identity.name
    }
}

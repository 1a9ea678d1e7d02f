internal import Fetching
internal import Linux
internal import Metering

extension RedfishClient {
    private static let mostChassis = 64
    private static let mostSystems = 64
    /// So many systems are read where none of them can be this node, because its UUID is not known.
    private static let mostUnknownSystems = 8
    /// How long one system may take, and how long all of them.
    private static let patienceWithSystem = Duration.seconds(5)
    private static let patienceWithSystems = Duration.seconds(30)

    /// The chassis that are listed, and the systems where there are several chassis to select from.
    func survey(uuid: String?, within patience: Duration) async throws(RedfishFault) -> ChassisTable {
        var chassis = try await list("/redfish/v1/Chassis", of: "chassis", within: patience)
        guard chassis.members.count > 1 else { return ChassisTable(chassis.members, remarks: chassis.remarks) }
        let (systems, remarks) = try await systems(uuid: uuid)
        // Those of this system first, then of others, in case there are more than can be read.
        let own = RedfishSelection.ownSystem(systems, uuid: uuid)
        let ofOwn = Set(systems.filter { $0.path == own }.flatMap(\.chassis))
        let linked = Set(systems.flatMap(\.chassis))
        let rank = { (path: String) in
            ofOwn.contains(path.withoutSlash) ? 0 : linked.contains(path.withoutSlash) ? 1 : 2
        }
        let paths = (0...2).flatMap { place in chassis.members.filter { rank($0) == place } }
        if paths.count > Self.mostChassis {
            let surplus = paths.count - Self.mostChassis
            chassis.remarks.append("\(surplus) more chassis than the \(Self.mostChassis) that are read")
        }
        return ChassisTable(
            Array(paths.prefix(Self.mostChassis)), systems: systems, uuid: uuid, remarks: chassis.remarks + remarks)
    }

    /// The systems that can be read in time, up to this node's: they help to select, and are not needed.
    private func systems(uuid: String?) async throws(RedfishFault) -> ([RedfishSystem], remarks: [String]) {
        let listing: Listing
        do throws(RedfishFault) {
            listing = try await list("/redfish/v1/Systems", of: "systems", within: Self.patienceWithSystem)
        } catch {
            if error.kind == .credentials { throw error }
            return ([], [])
        }
        var systems: [RedfishSystem] = []
        var remarks = listing.remarks
        let elapsed = stopwatch(ContinuousClock())
        let isKnown = uuid.flatMap(UUIDText.init) != nil
        var rest = listing.members.prefix(isKnown ? Self.mostSystems : Self.mostUnknownSystems)
        var count = 0
        while !rest.isEmpty, elapsed() < Self.patienceWithSystems,
            RedfishSelection.ownSystem(systems, uuid: uuid) == nil
        {
            let some = rest.prefix(ChassisTable.mostAtOnce)
            rest = rest.dropFirst(some.count)
            count += some.count
            systems += await self.systems(at: Array(some))
        }
        if RedfishSelection.ownSystem(systems, uuid: uuid) == nil {
            let unread = listing.members.count - systems.count
            if unread > 0 { remarks.append("\(unread) of \(listing.members.count) systems were not read") }
        }
        return (systems, remarks)
    }

    private func systems(at paths: [String]) async -> [RedfishSystem] {
        await withTaskGroup(of: RedfishSystem?.self) { tasks in
            for path in paths {
                tasks.addTask {
                    guard let bytes = try? await get(path, within: Self.patienceWithSystem) else { return nil }
                    return RedfishSystem(bytes, at: path, of: origin)
                }
            }
            return await tasks.reduce(into: []) { if let system = $1 { $0.append(system) } }
        }
    }
}

internal import Linux
internal import Metering

extension RedfishClient {
    private static let mostPages = 16
    private static let mostSupplies = 16
    private static let mostSystems = 8
    private static let mostChassis = 64

    /// What a collection lists.
    struct Listing: Sendable {
        /// Paths, each once.
        var members: [String] = []
        /// What was left out, in words.
        var remarks: [String] = []
    }

    /// The members of a collection, over all of its pages.
    ///
    /// - Parameters:
    ///   - what: it lists, for messages.
    func list(_ root: String, of what: String, within patience: Duration) async throws(RedfishFault) -> Listing {
        var listing = Listing()
        var seen: Set<String> = []
        var pages: Set<String> = []
        var next: String? = root
        var foreign = 0
        while let path = next {
            guard pages.insert(path).inserted, pages.count <= Self.mostPages else {
                listing.remarks.append("\(name(of: root)): its pages do not end; the first \(pages.count) are used")
                break
            }
            guard let page = RedfishPage(try await get(path, within: patience)) else {
                throw RedfishFault(.other, Diagnosis(.garbage, "\(name(of: path)): not a collection of \(what)"))
            }
            for link in page.members {
                guard case .path(let member) = origin.target(of: link, from: path) else {
                    foreign += 1
                    continue
                }
                if seen.insert(member.withoutSlash).inserted { listing.members.append(member) }
            }
            next = page.next.flatMap { link in
                guard case .path(let path) = origin.target(of: link, from: path) else { return nil }
                return path
            }
        }
        if foreign > 0 {
            listing.remarks.append("\(name(of: root)): \(foreign) links that leave the service are not followed")
        }
        return listing
    }

    /// The power that a source tells now, W, and the source to ask the next time; nil where it tells none.
    func watts(_ source: RedfishSource, within patience: Duration) async throws(RedfishFault) -> (
        Double, RedfishSource
    )? {
        switch source {
        case .document(let path):
            guard let document = LooseJSON(try await get(path, within: patience))?.single else {
                throw fault("not JSON", path)
            }
            if let watts = RedfishPower.watts(in: document) { return (watts, source) }
            guard let link = RedfishPower.sensorLink(in: document),
                case .path(let sensor) = origin.target(of: link, from: path),
                let watts = RedfishPower.watts(in: try await get(sensor, within: patience))
            else { return nil }
            return (watts, .document(sensor))
        case .subsystem(let path):
            let metrics = try await supplyMetrics(path, within: patience)
            return metrics.isEmpty ? nil : try await watts(.supplies(metrics), within: patience)
        case .supplies(let paths):
            var sum = 0.0
            for path in paths {
                guard let watts = RedfishPower.supplyInput(in: try await get(path, within: patience)) else {
                    return nil
                }
                sum += watts
            }
            return sum > 0 && sum <= RedfishPower.highest ? (sum, source) : nil
        }
    }

    /// The metrics of every power supply of a PowerSubsystem; empty where one that is present has none.
    private func supplyMetrics(_ path: String, within patience: Duration) async throws(RedfishFault) -> [String] {
        guard let link = LooseJSON(try await get(path, within: patience))?["PowerSupplies"]?.link,
            case .path(let root) = origin.target(of: link, from: path)
        else { return [] }
        var found: [String] = []
        for member in try await list(root, of: "power supplies", within: patience).members.prefix(Self.mostSupplies) {
            guard let supply = LooseJSON(try await get(member, within: patience)) else { return [] }
            if RedfishPower.isAbsent(supply) { continue }
            guard let link = supply["Metrics"]?.link, case .path(let metrics) = origin.target(of: link, from: member)
            else {
                return []
            }
            found.append(metrics)
        }
        return found
    }

    /// A chassis and its power. A source that cannot be read is named, and the next one is tried.
    func chassis(_ path: String, within patience: Duration) async throws(RedfishFault) -> ChassisTable.Answer {
        guard let chassis = RedfishChassis(try await get(path, within: patience), at: path, of: origin) else {
            throw RedfishFault(.other, Diagnosis(.garbage, "\(name(of: path)): not a chassis"))
        }
        var answer = ChassisTable.Answer(chassis: chassis)
        for source in chassis.sources where answer.power == nil {
            do throws(RedfishFault) {
                answer.power = try await watts(source, within: patience)
            } catch {
                guard error.kind != .credentials else { throw error }
                answer.faults.append(error.diagnosis.finding)
            }
        }
        return answer
    }

    /// The chassis that are listed, and the systems where there are several chassis to select from.
    func survey(uuid: String?, within patience: Duration) async throws(RedfishFault) -> ChassisTable {
        var chassis = try await list("/redfish/v1/Chassis", of: "chassis", within: patience)
        guard chassis.members.count > 1 else { return ChassisTable(chassis.members, remarks: chassis.remarks) }
        let systems = try await systems(within: .seconds(5))
        // Those that a system names first, in case there are more than can be read.
        let linked = Set(systems.flatMap(\.chassis))
        var paths = chassis.members.filter { linked.contains($0.withoutSlash) }
        paths += chassis.members.filter { !linked.contains($0.withoutSlash) }
        if paths.count > Self.mostChassis {
            let surplus = paths.count - Self.mostChassis
            chassis.remarks.append("\(surplus) more chassis than the \(Self.mostChassis) that are read")
        }
        return ChassisTable(
            Array(paths.prefix(Self.mostChassis)), systems: systems, uuid: uuid, remarks: chassis.remarks)
    }

    /// The systems that can be read in time: they help to select, and are not needed.
    private func systems(within patience: Duration) async throws(RedfishFault) -> [RedfishSystem] {
        let paths: [String]
        do throws(RedfishFault) {
            paths = try await list("/redfish/v1/Systems", of: "systems", within: patience).members
        } catch {
            if error.kind == .credentials { throw error }
            return []
        }
        return await withTaskGroup(of: RedfishSystem?.self) { tasks in
            for path in paths.prefix(Self.mostSystems) {
                tasks.addTask {
                    guard let bytes = try? await get(path, within: patience) else { return nil }
                    return RedfishSystem(bytes, at: path, of: origin)
                }
            }
            return await tasks.reduce(into: []) { if let system = $1 { $0.append(system) } }
        }
    }
}

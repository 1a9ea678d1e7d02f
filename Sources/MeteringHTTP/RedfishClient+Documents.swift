internal import Fetching
internal import Linux
internal import Metering

extension RedfishClient {
    private static let mostSupplies = 64
    private static let mostSensors = 4

    /// A document. Throws also where it is none, or says that it could not be had.
    private func document(_ path: String, within patience: Duration) async throws(RedfishFault) -> LooseJSON {
        guard let document = LooseJSON(try await get(path, within: patience))?.single else {
            throw fault("not JSON", path)
        }
        if let error = RedfishError(document) { throw fault("answers with an error\(error.suffix)", path) }
        return document
    }

    /// The power that a source reports now, W, and the source to ask the next time; nil where it reports none.
    ///
    /// - Parameter chassis: whose source it is.
    func watts(
        _ source: RedfishSource, of chassis: RedfishChassis, within patience: Duration
    ) async throws(RedfishFault) -> (Double, RedfishSource)? {
        switch source {
        case .document(let path, let place):
            let document = try await document(path, within: patience)
            if let found = reading(in: document, at: path, of: chassis, upTo: place) { return found }
            guard place == nil || place == .metrics, let link = RedfishPower.sensorLink(in: document),
                case .path(let sensor) = origin.target(of: link, from: path)
            else { return nil }
            return reading(
                in: try await self.document(sensor, within: patience), at: sensor, of: chassis, upTo: .sensor)
        case .subsystem(let path):
            let supplies = try await supplies(path, within: patience)
            return supplies.isEmpty
                ? nil : try await watts(.supplies(supplies, of: path), of: chassis, within: patience)
        case .supplies(let supplies, _):
            var sum = 0.0
            for supply in supplies {
                guard let watts = try await input(of: supply, within: patience) else { return nil }
                sum += watts
            }
            return sum > 0 && sum <= RedfishPower.highest ? (sum, source) : nil
        case .sensors(let path): return try await sensor(in: path, of: chassis, within: patience)
        }
    }

    private func reading(
        in document: LooseJSON, at path: String, of chassis: RedfishChassis, upTo place: RedfishPlace?
    ) -> (Double, RedfishSource)? {
        let owner = RedfishOwner(
            chassis: chassis.path, systems: chassis.systems, outer: chassis.containedBy, origin: origin, document: path)
        return RedfishPower.reading(in: document, of: owner, upTo: place ?? .sensor)
            .map { ($0.watts, .document(path, at: $0.place)) }
    }

    // MARK: Power supplies

    /// What one takes in, W; nil where it does not report it.
    private func input(
        of supply: RedfishSource.Supply, within patience: Duration
    ) async throws(RedfishFault) -> Double? {
        var reading: LooseJSON?
        if let metrics = supply.metrics {
            do throws(RedfishFault) {
                reading = try await document(metrics, within: patience)["InputPowerWatts"]
            } catch {
                // One that is off may have no metrics.
                guard error.kind == .missing, try await isOff(supply, within: patience) else { throw error }
                return 0
            }
        }
        if let watts = reading?.amount { return watts >= 0 && watts <= RedfishPower.highest ? watts : nil }
        return try await isOff(supply, within: patience) ? 0 : nil
    }

    private func isOff(_ supply: RedfishSource.Supply, within patience: Duration) async throws(RedfishFault) -> Bool {
        RedfishState(try await document(supply.path, within: patience)).isOff
    }

    /// The power supplies of a PowerSubsystem, empty bays included: one may be put there. Throws where not every one
    /// is known.
    private func supplies(
        _ path: String, within patience: Duration
    ) async throws(RedfishFault) -> [RedfishSource.Supply] {
        guard let link = try await document(path, within: patience)["PowerSupplies"]?.link,
            case .path(let root) = origin.target(of: link, from: path)
        else { return [] }
        let listing = try await list(root, of: "power supplies", within: patience)
        guard listing.isComplete, listing.members.count <= Self.mostSupplies else {
            throw fault("not all of its power supplies can be read, so there is no sum", root)
        }
        var found: [RedfishSource.Supply] = []
        var seen: Set<[String]> = []
        for member in listing.members {
            let supply = try await document(member, within: patience)
            if let id = supply["Id"]?.text ?? supply["MemberId"]?.text, let serial = supply["SerialNumber"]?.text,
                !serial.isEmpty, !seen.insert([id, serial]).inserted
            {
                continue
            }
            let metrics = supply["Metrics"]?.link.flatMap { link -> String? in
                guard case .path(let path) = origin.target(of: link, from: member) else { return nil }
                return path
            }
            guard metrics != nil || RedfishState(supply).isOff else { return [] }
            found.append(RedfishSource.Supply(path: member, metrics: metrics))
        }
        return found
    }

    // MARK: Sensors

    /// The sensor of the whole, where a chassis reports its power nowhere else.
    private func sensor(
        in path: String, of chassis: RedfishChassis, within patience: Duration
    ) async throws(RedfishFault) -> (Double, RedfishSource)? {
        let members = try await list(path, of: "sensors", within: patience).members
        for member in members.filter(RedfishPower.isTotal(sensor:)).prefix(Self.mostSensors) {
            let document = try await document(member, within: patience)
            guard document["ReadingType"]?.text?.lowercased() == "power" else { continue }
            if let found = reading(in: document, at: member, of: chassis, upTo: .sensor) { return found }
        }
        return nil
    }

    // MARK: Chassis

    /// A chassis and its power. A source that cannot be read is named, and the next one is tried.
    ///
    /// - Parameter place: where its power was found before; no other is asked.
    func chassis(
        _ path: String, place: RedfishSource? = nil, within patience: Duration
    ) async throws(RedfishFault) -> ChassisTable.Answer {
        let bytes = try await get(path, within: patience)
        if let error = LooseJSON(bytes).flatMap(RedfishError.init) {
            throw fault("answers with an error\(error.suffix)", path)
        }
        guard let chassis = RedfishChassis(bytes, at: path, of: origin) else {
            throw RedfishFault(.other, Diagnosis(.garbage, "\(name(of: path)): not a chassis"))
        }
        var answer = ChassisTable.Answer(chassis: chassis)
        for source in place.map({ [$0] }) ?? chassis.sources where answer.power == nil {
            do throws(RedfishFault) {
                answer.power = try await watts(source, of: chassis, within: patience)
            } catch {
                guard error.kind != .credentials else { throw error }
                answer.faults.append(error.diagnosis.finding)
                answer.isInterrupted = answer.isInterrupted || error.kind == .other
            }
        }
        return answer
    }
}

/// A page of a collection.
package struct RedfishPage: Sendable, Equatable {
    /// Links as the document has them.
    package var members: [String]
    package var next: String?
    /// Members in all, where that is told.
    package var total: Int?

    /// Nil where it is no collection.
    package init?(_ bytes: [UInt8]) {
        guard let document = LooseJSON(bytes)?.single, let members = document["Members"] else { return nil }
        self.members = members.list.compactMap(\.link)
        next = document["Members@odata.nextLink"]?.link ?? document["@odata.nextLink"]?.link
        total = document["Members@odata.count"]?.amount.flatMap { Int(exactly: $0) }
    }
}

/// A chassis as its document has it.
package struct RedfishChassis: Sendable, Equatable {
    /// Without a slash at its end.
    package var path: String
    /// `RackMount`, `Blade`, `Enclosure`, ...
    package var type: String?
    /// The systems in it, by their paths.
    package var systems: [String]
    package var containedBy: String?
    package var contains: [String]
    /// Where its power may be found, in the order of preference.
    package var sources: [RedfishSource]

    package init(
        path: String, type: String? = nil, systems: [String] = [], containedBy: String? = nil, contains: [String] = [],
        sources: [RedfishSource] = []
    ) {
        self.path = path
        self.type = type
        self.systems = systems
        self.containedBy = containedBy
        self.contains = contains
        self.sources = sources
    }

    /// Nil where it is no document at all.
    package init?(_ bytes: [UInt8], at path: String, of origin: RedfishOrigin) {
        guard let document = LooseJSON(bytes)?.single, case .object = document else { return nil }
        let paths = { (list: LooseJSON?) in (list?.list ?? []).compactMap { origin.path($0.link, from: path) } }
        // Before Redfish 1.0 the names were small.
        let links = document["Links"]?.single ?? document["links"]?.single
        self.path = path.withoutSlash
        type = document["ChassisType"]?.text
        systems = paths(links?["ComputerSystems"])
        containedBy = origin.path(links?["ContainedBy"]?.link, from: path)
        contains = paths(links?["Contains"])
        sources = []
        for name in ["EnvironmentMetrics", "Power"] {
            if let link = document[name]?.link, case .path(let target) = origin.target(of: link, from: path) {
                sources.append(.document(target))
            }
        }
        if let link = document["PowerSubsystem"]?.link, case .path(let target) = origin.target(of: link, from: path) {
            sources.append(.subsystem(target))
        }
        // A document with everything in it.
        if RedfishPower.watts(in: document) != nil { sources.append(.document(path)) }
    }
}

/// Where a chassis tells its power.
package enum RedfishSource: Sendable, Hashable {
    /// A document that holds it.
    case document(String)
    /// A PowerSubsystem, whose supplies have to be looked up.
    case subsystem(String)
    /// The metrics of every power supply, which are added up.
    case supplies([String])
}

/// A computer system as its document has it.
package struct RedfishSystem: Sendable, Equatable {
    package var path: String
    package var uuid: String?
    package var chassis: [String]

    package init(path: String, uuid: String? = nil, chassis: [String] = []) {
        self.path = path
        self.uuid = uuid
        self.chassis = chassis
    }

    /// Nil where it is no document at all.
    package init?(_ bytes: [UInt8], at path: String, of origin: RedfishOrigin) {
        guard let document = LooseJSON(bytes)?.single, case .object = document else { return nil }
        let links = document["Links"]?.single ?? document["links"]?.single
        self.path = path.withoutSlash
        uuid = document["UUID"]?.text
        chassis = (links?["Chassis"]?.list ?? []).compactMap { origin.path($0.link, from: path) }
    }
}

extension RedfishOrigin {
    /// The path that identifies a linked resource; nil where it is not of this origin.
    func path(_ link: String?, from base: String) -> String? {
        guard let link, case .path(let path) = target(of: link, from: base) else { return nil }
        return path.withoutSlash
    }
}

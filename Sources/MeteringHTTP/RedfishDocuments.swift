/// A page of a collection.
package struct RedfishPage: Sendable, Equatable {
    /// Links as the document has them.
    package var members: [String]
    package var next: String?
    /// Members in all, where the page says so.
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
        let target = { (name: String) -> String? in
            guard let link = document[name]?.link, case .path(let path) = origin.target(of: link, from: path) else {
                return nil
            }
            return path
        }
        sources += ["EnvironmentMetrics", "Power"].compactMap(target).map { .document($0) }
        if let path = target("PowerSubsystem") { sources.append(.subsystem(path)) }
        // A document with everything in it.
        if RedfishPower.reading(in: document) != nil { sources.append(.document(path)) }
        if let path = target("Sensors") { sources.append(.sensors(path)) }
    }
}

/// Where a chassis reports its power.
package enum RedfishSource: Sendable, Hashable {
    /// A document that holds it, and where in it that was found.
    case document(String, at: RedfishPlace? = nil)
    /// A PowerSubsystem, whose supplies have to be looked up.
    case subsystem(String)
    /// Every power supply of a PowerSubsystem, which are added up.
    case supplies([Supply], of: String)
    /// A collection of sensors, one of which may be of the whole.
    case sensors(String)

    /// A power supply and its metrics, by their paths.
    package struct Supply: Sendable, Hashable {
        var path: String
        /// Nil where it has none.
        var metrics: String?
    }

    /// The document that lists its members; itself where there is none.
    var whole: Self {
        if case .supplies(_, let subsystem) = self { .subsystem(subsystem) } else { self }
    }

    /// True for what power supplies take in: the node's only where they are all of its supplies.
    var isSum: Bool {
        switch self {
        case .document(_, let place): place == .supplies
        case .subsystem, .supplies: true
        case .sensors: false
        }
    }
}

/// A computer system as its document has it.
package struct RedfishSystem: Sendable, Equatable {
    package var path: String
    /// `Physical`, `DPU`, ...
    package var type: String?
    package var uuid: String?
    package var chassis: [String]

    package init(path: String, type: String? = nil, uuid: String? = nil, chassis: [String] = []) {
        self.path = path
        self.type = type
        self.uuid = uuid
        self.chassis = chassis
    }

    /// Nil where it is no document at all.
    package init?(_ bytes: [UInt8], at path: String, of origin: RedfishOrigin) {
        guard let document = LooseJSON(bytes)?.single, case .object = document else { return nil }
        let links = document["Links"]?.single ?? document["links"]?.single
        self.path = path.withoutSlash
        type = document["SystemType"]?.text
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

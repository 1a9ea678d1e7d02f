/// The part of a node that a zone measures.
///
/// Its text form is the name of the zone in metrics and JSON, and the name that Linux gives to powercap zones:
/// `package-0`, `package-0-die-1`, `dram-0`; `package` where one figure covers all sockets; `platform`, `psys`.
package struct ZoneID: Hashable, Sendable {
    /// A kind of hardware.
    package enum Component: String, Hashable, Sendable, CaseIterable {
        /// A processor package.
        case package
        /// Main memory.
        case dram
        /// The whole node as a meter at its inlet sees it; as a zone of the ledger, what no other zone covers.
        case platform
        /// The whole node as the processor's own meter sees it.
        case psys
        /// What the node draws from its battery.
        case battery

        /// `hw.type` of OpenTelemetry.
        package var hardware: String {
            switch self {
            case .package: "cpu"
            case .dram: "memory"
            case .platform, .psys, .battery: "enclosure"
            }
        }

        /// True where there is one for each socket.
        package var isPerSocket: Bool {
            switch self {
            case .package, .dram: true
            case .platform, .psys, .battery: false
            }
        }
    }

    package let component: Component
    /// The processor socket; nil where the zone covers all of them.
    package let socket: UInt32?
    /// The die of the socket; nil where the zone covers all of them.
    package let die: UInt32?
    /// Number among several devices of the component; nil where there is one.
    package let index: UInt32?

    /// - Parameters:
    ///   - socket: only of a component that is per socket.
    ///   - die: only of a socket.
    ///   - index: only of a component that is not per socket.
    package init(_ component: Component, socket: UInt32? = nil, die: UInt32? = nil, index: UInt32? = nil) {
        self.component = component
        self.socket = component.isPerSocket ? socket : nil
        self.die = self.socket == nil ? nil : die
        self.index = component.isPerSocket ? nil : index
    }

    package static let platform = ZoneID(.platform)
    package static let psys = ZoneID(.psys)
    package static let battery = ZoneID(.battery)

    /// All of the socket that it lies in.
    package var wholeSocket: ZoneID { ZoneID(component, socket: socket) }

    /// True where energy of the one may also be energy of the other.
    package func overlaps(_ other: ZoneID) -> Bool {
        guard component == other.component else { return false }
        func differ(_ one: UInt32?, _ another: UInt32?) -> Bool {
            guard let one, let another else { return false }
            return one != another
        }
        return !differ(socket, other.socket) && !differ(die, other.die) && !differ(index, other.index)
    }

    /// True where it overlaps one of `others`.
    package func overlaps(any others: [ZoneID]) -> Bool { others.contains(where: overlaps) }
}

extension ZoneID: LosslessStringConvertible {
    package var description: String {
        let number = (component.isPerSocket ? socket : index).map { "-\($0)" } ?? ""
        return component.rawValue + number + (die.map { "-die-\($0)" } ?? "")
    }

    /// Parses the text form, which is the only one: `nil` for anything that ``description`` would not write.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let component = Component(rawValue: String(parts[0])) else { return nil }
        switch parts.count {
        case 1: self.init(component)
        case 2:
            guard let number = UInt32(parts[1]) else { return nil }
            self.init(component, socket: number, index: number)
        case 4 where parts[2] == "die" && component.isPerSocket:
            guard let socket = UInt32(parts[1]), let die = UInt32(parts[3]) else { return nil }
            self.init(component, socket: socket, die: die)
        default: return nil
        }
        // `package-01` and `package-+1` are not text forms.
        guard description == text else { return nil }
    }
}

extension ZoneID: Comparable {
    /// Alphabetical by text form, as zones have always been listed.
    package static func < (a: ZoneID, b: ZoneID) -> Bool { a.description < b.description }
}

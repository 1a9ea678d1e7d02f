/// The part of the machine that a zone measures, by its name: `package-1`, `dram-0-die-1`.
struct ZonePlace: Equatable {
    let component: Substring
    /// nil for all of them, or where the name does not tell.
    let socket: UInt64?
    /// nil for the whole socket.
    let die: UInt64?

    private init(component: Substring, socket: UInt64?, die: UInt64?) {
        self.component = component
        self.socket = socket
        self.die = die
    }

    init(_ name: String) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        component = parts[0]
        socket = parts.count == 2 || parts.count == 4 && parts[2] == "die" ? UInt64(parts[1]) : nil
        die = parts.count == 4 ? UInt64(parts[3]) : nil
    }

    /// All of its socket.
    var whole: ZonePlace { ZonePlace(component: component, socket: socket, die: nil) }

    /// True where energy of the one may be energy of the other.
    func overlaps(_ other: ZonePlace) -> Bool {
        guard component == other.component else { return false }
        guard let socket, let theirs = other.socket else { return true }
        guard socket == theirs else { return false }
        guard let die, let their = other.die else { return true }
        return die == their
    }

    func overlaps(any others: [ZonePlace]) -> Bool { others.contains(where: overlaps) }
}

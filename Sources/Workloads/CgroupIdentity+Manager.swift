extension CgroupIdentity {
    /// Whose systemd manages a unit or slice: each manager has its own, and one's `web.service` is not the other's.
    package enum Manager: Hashable, Sendable {
        case system
        case user(UInt32)
        /// Of a capsule, or of a user whom the path does not name.
        case other
    }

    /// By the first manager's service on the path, which root made. A directory that a user made anywhere else is no unit
    /// of any manager, whatever it is called: ``Manager/other``.
    package var manager: Manager {
        for component in path.utf8.split(separator: UInt8(ascii: "/")).dropLast() where component.isUserManager {
            let instance = component.dropping(prefix: "user@")?.dropping(suffix: ".service")
            return instance?.decimal.flatMap(UInt32.init).map(Manager.user) ?? .other
        }
        return userID == nil ? .system : .other
    }
}

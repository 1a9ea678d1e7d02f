internal import Linux

/// The layer of the environment: `ENERGYD_` and the setting's name, in capitals and with underscores.
enum EnvironmentLayer {
    /// Variables with the same prefix that are for others: the systemd unit, scripts, tests.
    private static let foreign: Set = [
        "ENERGYD_OPTIONS", "ENERGYD_ADDRESS", "ENERGYD_READY_TIMEOUT", "ENERGYD_BIN",
    ]
    private static let foreignPrefix = "ENERGYD_BENCH_"

    /// Reads the assignments. Throws on a variable that names no setting. Empty variables count as not set, because
    /// templates often leave one so.
    static func read(_ environment: HostEnvironment) throws(ConfigurationError) -> [Assignment] {
        var rest = environment.variables.filter { $0.key.hasPrefix("ENERGYD_") && !$0.value.isEmpty }
        rest[Layers.fileVariable] = nil
        let assignments = Setting.all.compactMap { setting in
            rest.removeValue(forKey: setting.variable).map {
                Assignment(setting, $0, from: .environment(setting.variable))
            }
        }
        for name in rest.keys.sorted() where !isForeign(name) {
            let near = nearest(to: name, among: Setting.all.map(\.variable) + [Layers.fileVariable])
            let hint = near.map { "did you mean \($0)?" } ?? "unset it; `energyd config` lists all settings"
            throw ConfigurationError("environment variable \(printable(name, limit: 60)) matches no setting: \(hint)")
        }
        return assignments
    }

    private static func isForeign(_ name: String) -> Bool {
        foreign.contains(name) || name.hasPrefix(foreignPrefix) || isServiceLink(name)
    }

    /// Whether Kubernetes sets the variable in every pod beside a Service `energyd` or `energyd-...`:
    /// `ENERGYD_SERVICE_HOST`, `ENERGYD_SERVICE_PORT_METRICS`, `ENERGYD_PORT`, `ENERGYD_PORT_9464_TCP_ADDR`, ...
    private static func isServiceLink(_ name: String) -> Bool {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        guard let service = words.lastIndex(of: "SERVICE") else {
            guard let port = words.lastIndex(of: "PORT") else { return false }
            let rest = words[(port + 1)...]
            if rest.isEmpty { return true }
            // ENERGYD_PORT_9464_TCP and that with PROTO, PORT or ADDR.
            guard rest.count >= 2, rest.count <= 3, let number = rest.first else { return false }
            return UInt16(number) != nil && ["TCP", "UDP", "SCTP"].contains(rest[port + 2])
        }
        let rest = words[(service + 1)...]
        return rest == ["HOST"] || rest.first == "PORT"
    }
}

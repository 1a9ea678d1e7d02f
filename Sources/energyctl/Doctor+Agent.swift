import Linux
import Settings
import Snapshot

extension Doctor {
    /// The newest snapshot of an agent that was started with these settings; or why there is none, of each address that
    /// was tried.
    func askAgent(_ web: WebValues) async -> (snapshot: Snapshot?, failure: String?) {
        var failures: [String] = []
        for address in Self.addresses(web).compactMap(AgentAddress.init(argument:)) {
            do {
                return (try await AgentClient.snapshot(of: address, access: access.values), nil)
            } catch {
                failures.append("\(error)")
            }
        }
        return (nil, failures.isEmpty ? nil : failures.joined(separator: "; "))
    }

    /// Its socket first, which needs no password and has no certificate; then its port.
    private static func addresses(_ web: WebValues) -> [String] {
        let host = web.listen.isEveryInterface ? "127.0.0.1" : web.listen.host
        let place = "\(host.contains(":") ? "[\(host)]" : host):\(web.listen.port)"
        return (web.socketPath.map { ["unix:\($0)"] } ?? []) + schemes(web).map { "\($0)://\(place)" }
    }

    /// Of the port; both where the agent's file cannot be read here.
    private static func schemes(_ web: WebValues) -> [String] {
        guard let path = web.configFile else { return ["http"] }
        guard let content = try? readNamedFile(path), case .map(let sections)? = try? PlainYAML(content) else {
            return ["https", "http"]
        }
        let hasTLS = sections.contains { section in
            if case .map(let entries) = section.value {
                section.key == "tls_server_config" && !entries.isEmpty
            } else {
                false
            }
        }
        return [hasTLS ? "https" : "http"]
    }
}

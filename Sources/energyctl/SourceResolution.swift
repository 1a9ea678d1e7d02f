import Agent
import ArgumentParser
import Engine

/// Finds where to get snapshots.
enum SourceResolution {
    /// The agent at `address`; without one the first that answers of the default socket, the default port and the
    /// engine in this process. Throws ``SourceFailure`` with everything that was tried.
    static func resolve(
        _ address: AgentAddress?, configuration: EngineConfiguration
    ) async throws -> any SnapshotSource {
        var tried: [String] = []
        for candidate in address.map({ [$0] }) ?? defaults {
            let client = AgentClient(candidate)
            do {
                _ = try await client.nextDocument()
                return client
            } catch {
                tried.append("\(error)")
                await client.close()
            }
        }
        guard address == nil else {
            throw SourceFailure(
                """
                no snapshot from the agent
                  tried \(tried.joined(separator: "\n  tried "))
                Check that energyd runs and listens there, or leave out --address to look in the usual places.
                """)
        }
        do {
            return try await LocalEngine(configuration: configuration)
        } catch {
            tried.append("measuring in this process: \(error)")
            throw SourceFailure(
                """
                no agent answers, and energyctl cannot measure by itself
                  tried \(tried.joined(separator: "\n  tried "))
                Start the agent (systemctl start energyd), name it with --address, or run energyctl as root.
                """)
        }
    }

    private static var defaults: [AgentAddress] {
        let socket = AgentDefaults.socketPath.map { "unix:\($0)" }
        return [socket, "http://\(AgentDefaults.listenAddress)"].compactMap(\.self)
            .compactMap(AgentAddress.init(argument:))
    }
}

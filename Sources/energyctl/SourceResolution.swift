import ArgumentParser
import Composition
import Engine
import Settings

/// Finds where to get snapshots.
enum SourceResolution {
    /// Runs `body` with the agent at `address`; without one with the first that answers of the default socket, the
    /// default port and an engine in this process. Throws ``SourceFailure`` with everything that was tried.
    ///
    /// - Parameter configuration: of the engine in this process; what is wrong with it does not matter to one who asks an
    ///   agent.
    static func withSource(
        _ address: AgentAddress?, access: AgentAccess, configuration: () throws -> AgentConfiguration,
        _ body: nonisolated(nonsending) (any SnapshotSource) async throws -> Void
    ) async throws {
        var tried: [String] = []
        if let agent = try await findAgent(address, access, tried: &tried) { return try await body(agent) }
        guard address == nil else {
            throw SourceFailure(
                """
                no snapshot from the agent
                  tried \(tried.joined(separator: "\n  tried "))
                Check that energyd runs and listens there, or leave out --address to look in the usual places.
                """)
        }
        let others = tried
        try await withLiveSources(configuration()) { configuration in
            var configuration = configuration
            // The agent's: a look at the node must not change its counters.
            configuration.stateFile = nil
            try await body(try await local(configuration, tried: others))
        }
    }

    private static func local(_ configuration: EngineConfiguration, tried: [String]) async throws -> LocalEngine {
        do {
            return try await LocalEngine(configuration: configuration)
        } catch {
            let tried = tried + ["measuring in this process: \(error)"]
            throw SourceFailure(
                """
                no agent answers, and energyctl cannot take its own measurements
                  tried \(tried.joined(separator: "\n  tried "))
                Start the agent (systemctl start energyd), name it with --address, or run energyctl as root.
                """)
        }
    }

    /// The same without the engine in this process.
    static func agent(_ address: AgentAddress?, access: AgentAccess) async throws -> any SnapshotSource {
        var tried: [String] = []
        if let agent = try await findAgent(address, access, tried: &tried) { return agent }
        throw SourceFailure(
            """
            no agent answers
              tried \(tried.joined(separator: "\n  tried "))
            Start the agent (systemctl start energyd), or name it with --address.
            """)
    }

    /// Nil where there is none; what was tried is appended to `tried`.
    static func findAgent(
        _ address: AgentAddress?, _ access: AgentAccess, tried: inout [String]
    ) async throws -> AgentClient? {
        for candidate in address.map({ [$0] }) ?? defaults {
            let client = try AgentClient(candidate, access: access)
            do {
                try await waitUntilStarted(client)
                return client
            } catch let failure as SourceFailure {
                await client.close()
                // An agent that is there but answers with an error must not be skipped silently.
                guard failure.kind == .absent else { throw failure }
                tried.append("\(failure)")
            }
        }
        return nil
    }

    /// An agent that has just been started has its first snapshot after a second, on a busy machine somewhat later.
    private static func waitUntilStarted(_ client: AgentClient) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                _ = try await client.nextDocument()
                return
            } catch let failure as SourceFailure where failure.kind == .starting && .now < deadline {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private static var defaults: [AgentAddress] {
        let socket = HostEnvironment.current().socketPath.map { "unix:\($0)" }
        return [socket, "http://\(ListenAddress.standard)"].compactMap(\.self)
            .compactMap(AgentAddress.init(argument:))
    }
}

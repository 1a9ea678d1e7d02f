import Glibc
import Linux

/// Puts a process into a cgroup of its own: by this process where its user may, else by the agent.
struct RunPlacement: Sendable {
    let paths: HostPaths
    /// The agent at a socket; nil for none.
    var agent: AgentClient?
    /// Why no agent is asked; nil where one is.
    var reason: String?

    init(_ meter: RunMeter, paths: HostPaths) {
        self.paths = paths
        switch meter {
        case .agent(let client) where client.address.isSocket: agent = client
        case .agent(let client):
            reason = "\(client.address): an agent makes cgroups only for those who ask at its socket"
        case .local: reason = "an agent: none answers"
        }
    }

    /// A cgroup, and whether this process made it and so has to remove it.
    struct Placed: Sendable {
        let cgroup: RunCgroup
        let isOwn: Bool
    }

    /// - Parameter process: a child of this process.
    func place(_ process: Int32) async throws -> Placed {
        var tried: [String] = []
        do {
            return try placeAlone(process)
        } catch {
            tried.append("\(error)")
        }
        do {
            guard let agent else { throw SourceFailure(reason ?? "") }
            try await agent.makeCgroup(for: process)
            return Placed(cgroup: try RunCgroup(holding: process, paths: paths), isOwn: false)
        } catch {
            tried.append("\(error)")
        }
        throw SourceFailure(
            """
            cannot make a cgroup for the command, and only a cgroup of its own tells its energy from that of others
              tried \(tried.joined(separator: "\n  tried "))
            Run energyctl as root; or ask at the socket of an agent that runs as root (docs/run.md, "Who may"); or start it \
            in a cgroup of your own: systemd-run --user --scope energyctl run -- COMMAND
            """)
    }

    private func placeAlone(_ process: Int32) throws(HostError) -> Placed {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        // Of this process alone, whose number may have been another's before.
        let name = "p\(process)-\(String(time.tv_sec * 1_000_000_000 + time.tv_nsec, radix: 16))"
        let cgroup = try RunCgroup(below: try CgroupPlace(of: process, paths: paths), name: name)
        do throws(HostError) {
            try cgroup.take(process)
        } catch {
            cgroup.remove()
            throw error
        }
        return Placed(cgroup: cgroup, isOwn: true)
    }
}

extension RunPlacement.Placed {
    /// Removes what this process made. What still runs in it goes back to where the command was started; the agent removes
    /// its own.
    func cleanUp() {
        guard isOwn, !cgroup.remove() else { return }
        // A process may start another while it is moved.
        for _ in 0..<100 {
            for process in cgroup.processes() { try? cgroup.place.above.take(process) }
            if cgroup.remove() { return }
        }
    }
}

internal import ArgumentParser
internal import Glibc
internal import Linux
package import Settings

/// An agent that runs on this machine, with the settings it was started with.
package struct RunningAgent {
    package let process: Int32
    private let options: AgentOptions
    private let environment: HostEnvironment

    /// The agent that sees the same files as this process: on a node that of the system, in a container its own. nil
    /// where there is none.
    ///
    /// Throws where it is not clear which is meant, and where this user may not read its settings.
    package static func find(_ selection: AgentSelection) throws(ConfigurationError) -> RunningAgent? {
        switch selection {
        case .none: return nil
        case .process(let process): return try RunningAgent(process)
        case .auto: break
        }
        let found = ((try? listProcesses(procfs: "/proc")) ?? []).filter { $0.comm == "energyd" && hasOurRoot($0.pid) }
        guard found.count < 2 else {
            let processes = found.map { "\($0.pid)" }.joined(separator: ", ")
            throw ConfigurationError("several agents run, processes \(processes): choose one with --settings-of PID")
        }
        return try found.first.map { (agent) throws(ConfigurationError) in try RunningAgent(agent.pid) }
    }

    private init(_ process: Int32) throws(ConfigurationError) {
        let place = "/proc/\(process)"
        guard let command = try? readFile(place + "/cmdline"), let variables = try? readFile(place + "/environ") else {
            throw ConfigurationError(
                "the settings of the agent, process \(process), cannot be read: run as root or as its user, or with "
                    + "--settings-of none")
        }
        self.process = process
        do {
            options = try AgentOptions.parse(Self.texts(command).dropFirst().map(\.self))
        } catch {
            throw ConfigurationError(
                "the flags of the agent, process \(process), are not those of this version: use the energyctl of its "
                    + "release, or --settings-of none")
        }
        var environment = HostEnvironment.current()
        environment.variables = Self.variables(variables)
        environment.isRoot = owner(of: place) == 0
        self.environment = environment
    }

    /// The agent's configuration, with the flags of `own` in place of its own.
    package func resolve(_ own: AgentOptions) throws(ConfigurationError) -> ResolvedConfiguration {
        let flags = own.assignments
        let replaced = Set(flags.flatMap { Setting.rivals(of: $0.setting.key) })
        let kept = options.assignments.filter { !replaced.contains($0.setting.key) }
        return try Layers.resolve(flags: kept + flags, file: own.file.path ?? options.file.path, in: environment)
    }

    private static func texts(_ bytes: [UInt8]) -> [String] {
        var parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func variables(_ bytes: [UInt8]) -> [String: String] {
        let pairs = texts(bytes).compactMap { text -> (String, String)? in
            guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (String(text[..<equals]), String(text[text.utf8.index(after: equals)...]))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// A unit with a file system of its own has the same root all the same, a container seen from outside has not.
    private static func hasOurRoot(_ process: Int32) -> Bool {
        var (theirs, ours) = (stat(), stat())
        guard stat("/proc/\(process)/root/", &theirs) == 0, stat("/", &ours) == 0 else { return false }
        return theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino
    }
}

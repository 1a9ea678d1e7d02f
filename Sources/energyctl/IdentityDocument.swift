import Names
import Workloads

/// The JSON form: every key is always there, null where nothing is known.
struct IdentityDocument: Encodable {
    let identity: CgroupIdentity
    let names: [String: String]
    let sources: [String: String]
    let problems: [String]
    let pid: Int32?

    init(_ found: Identification, pid: Int32?) {
        identity = found.identity
        names = found.names.mapValues(\.value)
        sources = found.names.mapValues(\.source.title)
        problems = found.problems
        self.pid = pid
    }

    enum CodingKeys: String, CodingKey {
        case kind, name, runtime, containerId, jobId, userId, userName, podUid, qos, outerContainerId, unit, cgroupPath
        case rule, names, sources, problems, pid
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(identity.kind.rawValue, forKey: .kind)
        try container.encode(identity.name, forKey: .name)
        try container.encode(identity.runtime, forKey: .runtime)
        try container.encode(identity.containerID, forKey: .containerId)
        try container.encode(identity.jobID, forKey: .jobId)
        try container.encode(identity.userID, forKey: .userId)
        try container.encode(identity.userName, forKey: .userName)
        try container.encode(identity.podUID, forKey: .podUid)
        try container.encode(identity.qos, forKey: .qos)
        try container.encode(identity.outerContainerID, forKey: .outerContainerId)
        try container.encode(identity.unit, forKey: .unit)
        try container.encode(identity.path, forKey: .cgroupPath)
        try container.encode(identity.rule, forKey: .rule)
        try container.encode(names, forKey: .names)
        try container.encode(sources, forKey: .sources)
        try container.encode(problems, forKey: .problems)
        try container.encodeIfPresent(pid, forKey: .pid)
    }
}

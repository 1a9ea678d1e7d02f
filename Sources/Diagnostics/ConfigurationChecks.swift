internal import Glibc
internal import Linux
package import Settings

/// Where the configuration comes from, and whether others can change it or read its secrets.
///
/// - Parameter agent: the process whose settings it is; nil for those of this command.
package func configurationChecks(_ resolved: ResolvedConfiguration, of agent: Int32? = nil) -> [Check] {
    let kinds = Setting.all.map { resolved.origin(of: $0).kind }
    let counts = ["file", "environment", "flag"].map { kind in "\(kinds.count { $0 == kind }) by \(kind)" }
    var checks = [
        Check(
            "configuration", "layers", .ok,
            "\(agent.map { "those of the agent, process \($0): " } ?? "")file \(resolved.file ?? "none"); set: \(counts.joined(separator: ", ")); `energyd config` shows all"
        )
    ]
    for (index, remark) in resolved.remarks.enumerated() {
        checks.append(
            Check("configuration", "unused \(index + 1)", .warn, remark.finding, remedy: remark.remedy))
    }
    if let file = resolved.file, mode(of: file).map({ $0 & 0o002 != 0 }) ?? false {
        checks.append(
            Check(
                "configuration", "file", .warn, "\(file) can be changed by every user", remedy: "chmod o-w \(file)"))
    }
    if let file = resolved.values.power.redfish.credentialsFile,
        let exposed = ExposedSecret(file, content: "the password of the BMC")
    {
        checks.append(Check("configuration", "credentials", .warn, exposed.finding, remedy: exposed.remedy))
    }
    return checks
}

/// Permissions of a file, links followed; nil where it is not there, or its file system does not answer within a second.
private func mode(of path: String) -> UInt32? {
    var status = stat()
    return PathProbe.silence(at: path, within: 1) == nil && stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
}

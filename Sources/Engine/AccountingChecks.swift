package import Host
internal import Logging

/// How CPU time can be accounted on this machine, found by trying.
package func accountingChecks(_ configuration: EngineConfiguration) -> [Check] {
    func check(_ status: Check.Status, _ finding: String) -> Check {
        Check(area: "accounting", name: "tier", status: status, finding: finding)
    }
    do {
        let silent = Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() }
        let tier = try chooseAccounting(configuration, logger: silent).tier
        return [check(tier.isDegraded ? .warn : .ok, "tier \(tier.name): \(tier.reason)")]
    } catch {
        return [check(.fail, "\(error)")]
    }
}

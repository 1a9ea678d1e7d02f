import FoundationEssentials
import Glibc
import TestSupport
import Testing

/// `energyctl identify`, which needs neither agent nor root.
@Suite struct IdentifyTests {
    private let id = String(repeating: "ab12", count: 16)
    private let uid = "9d5f6a3e-1111-4222-8333-0123456789ab"

    private struct Answer: Decodable {
        var kind: String
        var runtime: String?
        var containerId: String?
        var podUid: String?
        var qos: String?
        var outerContainerId: String?
        var unit: String?
        var rule: String
        var names: [String: String]
        var sources: [String: String]
    }

    private func identify(_ arguments: [String]) throws -> Answer {
        let (code, output) = try Child.run([Programs.energyctl, "identify", "--output=json"] + arguments)
        try #require(code == 0, "\(output)")
        for key in ["kind", "runtime", "containerId", "podUid", "qos", "outerContainerId", "unit", "names"] {
            #expect(output.contains("\"\(key)\" :"), "\(key)")
        }
        return try JSONDecoder().decode(Answer.self, from: Data(output.utf8))
    }

    @Test func aPathIsRead() throws {
        let answer = try identify(["--cgroup=/sys/fs/cgroup/kubepods/burstable/pod\(uid)/crio-\(id)/x"])
        #expect(answer.kind == "container" && answer.runtime == "cri-o" && answer.containerId == id)
        #expect(answer.podUid == uid && answer.qos == "Burstable" && answer.unit == nil)
    }

    @Test func aProcessIsFound() throws {
        let answer = try identify(["--pid=\(getpid())"])
        #expect(!answer.rule.isEmpty)
    }

    @Test func aContainerIsFoundByTheStartOfItsIDAndNamed() throws {
        let root = try TemporaryDirectory()
        try root.write("", to: "cgroup/cgroup.controllers")
        try root.write("", to: "cgroup/kubepods/pod\(uid)/\(id)/cpu.stat")
        try root.write("", to: "var/log/containers/web_shop_app-\(id).log")
        try root.write("", to: "var/log/pods/shop_web_\(uid)/app/0.log")
        let flags = ["--path.cgroupfs=\(root.path)/cgroup", "--path.rootfs=\(root.path)"]
        let answer = try identify(["--container=ab12ab12ab12"] + flags)
        #expect(answer.containerId == id && answer.names["k8s.pod.name"] == "web")
        #expect(answer.sources["k8s.container.name"] == "kubelet's log directory")
        let (code, output) = try Child.run([Programs.energyctl, "identify", "--container=ffff"] + flags)
        #expect(code == 1 && output.contains("no container ffff"))
    }

    @Test func whereToLookIsTakenFromTheAgentsSettings() throws {
        let root = try TemporaryDirectory()
        try root.write("", to: "cgroup/cgroup.controllers")
        try root.write("", to: "cgroup/kubepods/pod\(uid)/\(id)/cpu.stat")
        try root.write("path.cgroupfs = \(root.path)/cgroup\n", to: "energyd.conf")
        let command = [Programs.energyctl, "identify", "--container=\(id)"]
        let child = try Child(command, environment: ["ENERGYD_CONFIG_FILE": root.path + "/energyd.conf"])
        #expect(child.wait() == 0, "\(child.output)")
        let wrong = try Child(command, environment: ["ENERGYD_NONSENSE": "1"])
        #expect(wrong.wait() == 2 && wrong.output.contains("ENERGYD_NONSENSE"), "\(wrong.output)")
    }

    @Test func wrongUseIsExplained() throws {
        for arguments in [[], ["--pid=1", "--container=a"]] {
            let (code, output) = try Child.run([Programs.energyctl, "identify"] + arguments)
            #expect(code == 2 && output.contains("one of --cgroup, --pid and --container"))
        }
        let (code, output) = try Child.run([Programs.energyctl, "identify", "--pid=99999999"])
        #expect(code == 1 && output.contains("no process 99999999"))
    }
}

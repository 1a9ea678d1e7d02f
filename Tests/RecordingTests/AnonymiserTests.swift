import Engine
import Metering
import Names
import Recording
import Testing
import Workloads

@Suite struct AnonymiserTests {
    private func replaced(_ path: String) -> String {
        var anonymiser = Anonymiser()
        return anonymiser.words(path)
    }

    private static let id = String(repeating: "ab12", count: 16)

    /// A path is of the same kind of workload afterwards, and no word of it is left.
    @Test(arguments: [
        "/", "/init.scope", "/system.slice/nginx.service", "/user.slice/user-1000.slice/user@1000.service",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/firefox-4711.scope",
        "/user.slice/user-1000.slice/session-3.scope", "/machine.slice/machine-qemu\\x2d1\\x2dsecret.scope",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0c3e8a52_1111_4222_8333_444455556666.slice",
        "/kubepods/besteffort/pod0c3e8a52-1111-4222-8333-444455556666/\(id)",
        "/kubepods.slice/kubepods-pod0123456789abcdef0123456789abcdef.slice/crio-\(id).scope",
        "/kubepods.slice/kubepods-pod0c3e8a52_1111_4222_8333_444455556666.slice/cri-containerd-\(id).scope",
        "/docker/\(id)", "/system.slice/docker-\(id).scope", "/machine.slice/libpod-\(id).scope", "/lxc.payload.secret",
        "/machine.slice/libpod-\(id).scope/container", "/slurm/uid_1000/job_17/step_0", "/actions_job/secret",
    ]) func kindsStay(path: String) {
        let other = replaced(path)
        let (before, after) = (CgroupIdentity(cgroupPath: path), CgroupIdentity(cgroupPath: other))
        #expect(after.kind == before.kind, "\(path) became \(other)")
        #expect(
            (after.podUID == nil) == (before.podUID == nil) && (after.containerID == nil) == (before.containerID == nil)
        )
        #expect(after.userID == before.userID)
        #expect(other.split(separator: "/").count == path.split(separator: "/").count)
        for secret in ["nginx", "secret", "firefox", "ab12", "0c3e", "0123456789ab"] {
            #expect(!other.contains(secret))
        }
    }

    @Test func equalWordsStayEqualAndOthersDiffer() {
        var anonymiser = Anonymiser()
        let words = ["shop", "shop-web", "web", "Web", "\(Self.id)", String(Self.id.prefix(12)), "münchen"]
        let replaced = words.map { anonymiser.words($0) }
        #expect(replaced == words.map { anonymiser.words($0) })
        #expect(Set(replaced).count == words.count)
        #expect(replaced[1] == replaced[0] + "-" + replaced[2])
        // Sources that know only the beginning of an id still find it.
        #expect(replaced[4].hasPrefix(replaced[5]) && replaced[4].count == 64)
        #expect(!replaced[6].contains("nchen"))
    }

    /// A pod's id is the same one in both of its forms.
    @Test func podIDs() {
        var anonymiser = Anonymiser()
        let dashed = anonymiser.words("0c3e8a52-1111-4222-8333-444455556666")
        let lined = anonymiser.words("pod0c3e8a52_1111_4222_8333_444455556666")
        #expect(lined == "pod" + dashed.replacing("-", with: "_"))
        #expect(anonymiser.words("0c3e8a52-1111-4222-8333-444455556667") != dashed)
    }

    /// A replay finds a cgroup's files by where the hierarchy was mounted, also in a container: `/host/...`.
    @Test func filesStayWhereTheHierarchyIsMounted() throws {
        var anonymiser = Anonymiser()
        var header = TickSamples.header
        header.facts.cgroupRoot = "/host/sys/fs/cgroup"
        anonymiser.replaceNames(in: &header)
        var tick = RecordedTick()
        var file = RecordedFile()
        file.directory = "/host/sys/fs/cgroup/system.slice/secret.service"
        tick.files = [file]
        anonymiser.replaceNames(in: &tick)
        let root = try #require(header.facts.cgroupRoot)
        #expect(tick.files[0].directory.hasPrefix(root + "/system.slice/"))
        #expect(!tick.files[0].directory.contains("secret"))
    }

    @Test func messagesAndSettingsAreRemoved() {
        var anonymiser = Anonymiser()
        var header = TickSamples.header
        anonymiser.replaceNames(in: &header)
        #expect(header.isAnonymised)
        #expect(header.settings.map(\.text) == ["w1-7.w2", "1s"])
        var tick = TickSamples.tick(3)
        tick.meters[0].kind = "redfish"
        anonymiser.replaceNames(in: &tick)
        #expect(tick.digest == nil && tick.failure == "(removed)")
        #expect(tick.names.states.last?.lastError == "(removed)" && tick.names.logs?.problem == "(removed)")
        #expect(tick.meters[0].readings[0].state.health.lastError == "(removed)")
        #expect(tick.meters[0].readings[0].state.health.remarks.isEmpty)
    }
}

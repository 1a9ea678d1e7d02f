import Glibc
import Linux
import Synchronization
import TestSupport
import Testing
import Workloads

@testable import Names

@Suite struct LogDirectoryTests {
    private let directory: TemporaryDirectory
    private let id = String(repeating: "ab12", count: 16)
    private let uid = "9d5f6a3e-1111-4222-8333-0123456789ab"

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func makePod(_ name: String, _ containers: String...) {
        mkdir("\(directory.path)/pods", 0o755)
        mkdir("\(directory.path)/pods/\(name)", 0o755)
        for container in containers { mkdir("\(directory.path)/pods/\(name)/\(container)", 0o755) }
    }

    private func link(_ name: String) {
        mkdir("\(directory.path)/containers", 0o755)
        symlink("/nowhere", "\(directory.path)/containers/\(name)")
    }

    private func facts(_ names: NameTable, _ path: String) -> [String: String] {
        names.facts(of: CgroupIdentity(cgroupPath: path))
    }

    private var podPath: String { "/kubepods/burstable/pod\(uid)" }

    @Test func whatIsThereAtTheStartAndWhatComesLaterHasNames() throws {
        makePod("shop_web-7d4_\(uid)", "app")
        link("web-7d4_shop_app-\(id).log")
        let logs = LogDirectoryNames(logs: directory.path)
        var names = NameTable()
        logs.update(&names, at: 0)
        #expect(facts(names, podPath) == ["k8s.namespace.name": "shop", "k8s.pod.name": "web-7d4"])
        #expect(facts(names, "\(podPath)/\(id)")["k8s.container.name"] == "app")
        #expect(Set(names.takeChanges()) == [.pod(uid), .container(id)])

        let other = String(repeating: "cd34", count: 16)
        makePod("ops_db_0d5f6a3e-1111-4222-8333-0123456789ab")
        link("db_ops_main-\(other).log")
        logs.update(&names, at: 1)
        #expect(facts(names, "/kubepods/pod0d5f6a3e-1111-4222-8333-0123456789ab")["k8s.pod.name"] == "db")
        #expect(names.takeChanges().count == 2)
        logs.update(&names, at: 2)
        #expect(names.takeChanges().isEmpty)
    }

    /// A directory that could be watched but not listed is listed later.
    @Test(arguments: ["pods", "containers", "pods/shop_web-7d4_9d5f6a3e-1111-4222-8333-0123456789ab"])
    func aListingThatFailsIsTriedAgain(_ failing: String) throws {
        makePod("shop_web-7d4_\(uid)", "app")
        let hasLinks = failing == "containers"
        if hasLinks { link("web-7d4_shop_app-\(id).log") }
        let failures = Mutex(0)
        let path = "\(directory.path)/\(failing)"
        let logs = LogDirectoryNames(
            logs: directory.path,
            list: { (directory) throws(HostError) in
                let isFirst = directory == path && failures.withLock { $0 == 0 }
                if isFirst {
                    failures.withLock { $0 += 1 }
                    throw HostError(code: .other(EMFILE), path: directory, detail: "too many open files")
                }
                return try listDirectory(directory)
            })
        var names = NameTable()
        logs.update(&names, at: 0)
        #expect(failures.withLock(\.self) == 1)
        logs.update(&names, at: 20)
        #expect(facts(names, podPath)["k8s.pod.name"] == "web-7d4")
        if hasLinks {
            #expect(facts(names, "\(podPath)/\(id)")["k8s.container.name"] == "app")
        } else {
            #expect(logs.onlyContainer(ofPod: uid) == "app")
        }
    }

    @Test func directoriesThatComeLateAreFound() throws {
        let logs = LogDirectoryNames(logs: directory.path)
        var names = NameTable()
        logs.update(&names, at: 0)
        #expect(logs.problem?.code == .missing)
        makePod("shop_web_\(uid)")
        logs.update(&names, at: 1)
        #expect(names.count == 0, "not looked for every tick")
        logs.update(&names, at: 11)
        #expect(names.count == 1 && logs.problem == nil)
    }

    @Test func whatIsGoneIsKnownForAWhile() throws {
        makePod("shop_web_\(uid)")
        let logs = LogDirectoryNames(logs: directory.path)
        var names = NameTable()
        logs.update(&names, at: 0)
        removeTree("\(directory.path)/pods/shop_web_\(uid)")
        logs.update(&names, at: 1)
        names.expire(at: 30)
        #expect(!facts(names, podPath).isEmpty)
        names.expire(at: 62)
        #expect(facts(names, podPath).isEmpty && names.count == 0)
    }

    /// The last event counts, whatever the order within one tick.
    @Test func aClaimThatIsRepeatedStays() {
        var names = NameTable()
        func tell() { names.set(["k8s.pod.name": "web"], for: .pod(uid), from: .logs) }
        func takeBack(at now: Double) { names.remove(.pod(uid), from: .logs, at: now) }
        tell()
        takeBack(at: 1)
        tell()
        names.expire(at: 100)
        #expect(names.count == 1)
        takeBack(at: 200)
        takeBack(at: 230)
        tell()
        takeBack(at: 230)
        names.expire(at: 270)
        #expect(names.count == 1)
        names.expire(at: 290)
        #expect(names.count == 0)
        // Of another source nothing was taken back.
        tell()
        names.set(["k8s.owner.name": "web"], for: .pod(uid), from: .kubernetes)
        takeBack(at: 300)
        names.expire(at: 400)
        #expect(names.claims(of: CgroupIdentity(cgroupPath: podPath)).keys.sorted() == ["k8s.owner.name"])
    }

    /// A source that withdraws more names than the table can hold does not fill the memory: they are dropped at once.
    @Test func whatIsTakenBackIsBounded() {
        var names = NameTable()
        for number in 0..<50_000 { names.remove(.pod("\(number)"), from: .logs, at: 0) }
        names.set(["k8s.pod.name": "web"], for: .pod(uid), from: .logs)
        names.remove(.pod(uid), from: .logs, at: 0)
        #expect(names.count == 0)
    }

    @Test func aDirectoryThatIsMadeAnewIsWatchedAgain() throws {
        makePod("shop_web_\(uid)")
        let logs = LogDirectoryNames(logs: directory.path)
        var names = NameTable()
        logs.update(&names, at: 0)
        removeTree("\(directory.path)/pods")
        logs.update(&names, at: 1)
        makePod("shop_web2_0d5f6a3e-1111-4222-8333-0123456789ab")
        logs.update(&names, at: 20)
        #expect(names.count == 2)
    }

    /// The kernel keeps so many changes and no more: then everything is looked at again.
    @Test func afterMoreChangesThanTheKernelKeepsNothingIsMissing() throws {
        let limit = Int(try readNumber("/proc/sys/fs/inotify/max_queued_events"))
        try #require(limit <= 50_000)
        makePod("shop_web_\(uid)")
        mkdir("\(directory.path)/containers", 0o755)
        let logs = LogDirectoryNames(logs: directory.path)
        var names = NameTable()
        logs.update(&names, at: 0)
        for number in 0..<limit + 100 {
            let file = "\(directory.path)/containers/noise-\(number % 50)"
            if number / 50 % 2 == 0 { symlink("x", file) } else { unlink(file) }
        }
        link("web_shop_app-\(id).log")
        logs.update(&names, at: 1)
        #expect(facts(names, "\(podPath)/\(id)")["k8s.container.name"] == "app")
    }

    /// A guest is one that has the container for it, and a name that was not cut.
    @Test(arguments: [true, false]) func guestsOfKubeVirt(_ hasLinks: Bool) throws {
        let uids = (0..<4).map { "9d5f6a3e-1111-4222-8333-01234567890\($0)" }
        let long = "virt-launcher-" + String(repeating: "n", count: 44) + "abcde"
        let pods = [
            "virt-launcher-my-db-x7k2p", "virt-launcher-tools-7d4f9c6b8-abcde", long, "virt-launcher-late-x7k2p",
        ]
        for (pod, uid) in zip(pods, uids) { makePod("vms_\(pod)_\(uid)", pod.contains("tools") ? "app" : "compute") }
        if hasLinks {
            for (number, pod) in pods.enumerated().dropLast() {
                let id = String(repeating: "a\(number)", count: 32)
                link("\(pod)_vms_\(pod.contains("tools") ? "app" : "compute")-\(id).log")
            }
        }
        let logs = LogDirectoryNames(logs: directory.path)
        var names = NameTable()
        logs.update(&names, at: 0)
        func guests() -> [String?] { uids.map { facts(names, "/kubepods/pod\($0)")["vm.name"] } }
        #expect(long.utf8.count == 63 && guests() == ["my-db", nil, nil, hasLinks ? nil : "late"])
        link("\(pods[3])_vms_compute-\(id).log")
        logs.update(&names, at: 1)
        #expect(guests() == ["my-db", nil, nil, "late"])
        #expect(facts(names, "/kubepods/pod\(uids[1])")["k8s.pod.name"] == pods[1])
    }

    @Test func aLoneDirectoryNamesOnlyWhereThereAreNoLinks() throws {
        makePod("shop_web_\(uid)", "app")
        let logs = LogDirectoryNames(logs: directory.path)
        var names = NameTable()
        logs.update(&names, at: 0)
        #expect(logs.onlyContainer(ofPod: uid) == "app")
        makePod("shop_web_\(uid)", "sidecar")
        logs.update(&names, at: 1)
        #expect(logs.onlyContainer(ofPod: uid) == nil)
    }

    /// Work that is done when the test says so: the file system hangs until then.
    private final class Hung: Sendable {
        private let work = Mutex<[@Sendable () -> Void]>([])

        func add(_ piece: @escaping @Sendable () -> Void) { work.withLock { $0.append(piece) } }

        func answer() {
            while let piece = work.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { piece() }
        }

        var count: Int { work.withLock(\.count) }
    }

    @Test func directoriesThatHangAreSaidToAndAreFoundLater() throws {
        makePod("shop_web_\(uid)", "app")
        let hung = Hung()
        let logs = LogDirectoryNames(logs: directory.path, run: { hung.add($0) })
        var names = NameTable()
        for second in 0...30 { logs.update(&names, at: Double(second)) }
        #expect(names.count == 0 && logs.errors == 1 && hung.count == 1)
        #expect(logs.problem?.description.hasPrefix("\(directory.path): has not answered for 30 s") == true)
        hung.answer()
        logs.update(&names, at: 31)
        #expect(facts(names, podPath)["k8s.pod.name"] == "web" && logs.problem == nil)
        hung.answer()
        logs.update(&names, at: 32)
        #expect(logs.onlyContainer(ofPod: uid) == "app" && logs.errors == 1)
    }

    /// What comes after a directory was listed, in a tick that does not know the listing yet.
    @Test func changesDuringAListingAreNotLost() throws {
        makePod("shop_web_\(uid)")
        mkdir(directory.path + "/containers", 0o755)
        let hung = Hung()
        // All of it happens on this thread.
        nonisolated(unsafe) var afterListing: () -> Void = {}
        let logs = LogDirectoryNames(logs: directory.path, run: { hung.add($0) }) { (path) throws(HostError) in
            let entries = try listDirectory(path)
            afterListing()
            return entries
        }
        nonisolated(unsafe) var names = NameTable()
        afterListing = {
            link("web_shop_app-\(id).log")
            logs.update(&names, at: 1)
            afterListing = {}
        }
        logs.update(&names, at: 0)
        hung.answer()
        #expect(names.count == 0)
        logs.update(&names, at: 2)
        #expect(facts(names, "\(podPath)/\(id)")["k8s.container.name"] == "app")
        #expect(facts(names, podPath)["k8s.pod.name"] == "web")
    }

    @Test(arguments: [
        "", "_", "__", "a_b", "a_b_c_d", "ns__uid", "_pod_uid", "ns_pod_", "é_b",
    ])
    func otherNamesAreNoPods(_ name: String) {
        #expect(PodLogDirectory(name) == nil)
    }

    @Test func aGuestOfKubeVirtIsNamedByItsPod() {
        #expect(PodLogDirectory("vms_virt-launcher-my-db-x7k2p_\(uid)")?.virtualMachine == "my-db")
        #expect(PodLogDirectory("vms_virt-launcher-x7k2p_\(uid)")?.virtualMachine == nil)
        #expect(PodLogDirectory("vms_web-x_\(uid)")?.virtualMachine == nil)
    }

    @Test func linksAreRead() throws {
        let link = try #require(ContainerLogLink("web-7d4-x_shop_my-app-\(id).log"))
        #expect(link.pod == "web-7d4-x" && link.namespace == "shop" && link.container == "my-app" && link.id == id)
        // Cut to 255 bytes.
        #expect(ContainerLogLink("p_n_c-\(id.prefix(20)).log")?.id == String(id.prefix(20)))
        for name in [
            "", ".log", "p_n_c.log", "p_n_-\(id).log", "p_n_c-\(id)", "p_n_c-XYZ0123456789.log", "p_n_c-abc.log",
        ] {
            #expect(ContainerLogLink(name) == nil, "\(name)")
        }
    }

    @Test func garbageIsNoDanger() {
        var random = SeededGenerator(seed: 5)
        let pieces = ["_", "-", ".log", "/", "\u{0}", "é", id, uid, "a", "..", "\n", "😀"]
        for _ in 0..<5000 {
            let count = Int.random(in: 0...9, using: &random)
            let name = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            _ = PodLogDirectory(name)
            if let link = ContainerLogLink(name) { #expect(link.id.count >= 12 && !link.container.isEmpty) }
        }
    }
}

@Suite struct NameTableTests {
    private let id = String(repeating: "ab12", count: 16)
    private let uid = "9d5f6a3e-1111-4222-8333-0123456789ab"
    private let link = ["k8s.namespace.name": "shop", "k8s.pod.name": "web", "k8s.container.name": "app"]

    @Test func theSourceOfHigherPrecedenceWinsAndTheOthersFillIn() {
        var names = NameTable()
        names.set(["container.name": "k8s_app", "container.image.name": "img"], for: .container(id), from: .docker)
        names.set(["container.name": "app"], for: .container(id), from: .kubernetes)
        let told = names.claims(of: CgroupIdentity(cgroupPath: "/docker/\(id)"))
        #expect(told["container.name"]?.value == "app" && told["container.name"]?.source == .kubernetes)
        #expect(told["container.image.name"]?.source == .docker)
    }

    /// Any user may name a cgroup after another user's container.
    @Test func namesOfKubernetesHoldInTheirOwnPodOnly() {
        var names = NameTable()
        names.set(link, for: .container(id), from: .logs)
        names.set(["k8s.namespace.name": "evil", "k8s.pod.name": "p"], for: .pod(uid), from: .logs)
        func facts(_ path: String) -> [String: String] { names.facts(of: CgroupIdentity(cgroupPath: path)) }
        #expect(facts("/user.slice/docker-\(id).scope").isEmpty)
        let forged = facts("/kubepods/pod\(uid)/\(id)")
        #expect(forged == ["k8s.namespace.name": "evil", "k8s.pod.name": "p"])
        #expect(facts("/kubepods/pod1d5f6a3e-1111-4222-8333-0123456789ab/\(id)") == link)
    }

    @Test func idsThatBeginAlikeAreDistinguished() {
        var names = NameTable()
        names.set(link, for: .container(id), from: .logs)
        let other = id.prefix(40) + String(repeating: "0", count: 24)
        let pod = "/kubepods/pod1d5f6a3e-1111-4222-8333-0123456789ab"
        #expect(names.facts(of: CgroupIdentity(cgroupPath: "\(pod)/\(other)")).isEmpty)
        #expect(names.facts(of: CgroupIdentity(cgroupPath: "\(pod)/\(id)")) == link)
    }

    @Test func anIDThatIsCutNamesTheContainerThatBeginsSo() {
        var names = NameTable()
        let cut = String(id.prefix(30))
        names.set(link, for: .container(beginning: cut), id: cut, from: .logs)
        let pod = "/kubepods/pod1d5f6a3e-1111-4222-8333-0123456789ab"
        #expect(names.facts(of: CgroupIdentity(cgroupPath: "\(pod)/\(id)")) == link)
        let other = id.prefix(20) + String(repeating: "0", count: 44)
        #expect(names.facts(of: CgroupIdentity(cgroupPath: "\(pod)/\(other)")).isEmpty)
    }

    /// QEMU in a pod of KubeVirt calls the guest NAMESPACE_NAME; that makes it no other pod.
    @Test func aGuestIsNamedAfterItsPod() {
        var names = NameTable()
        names.set(["vm.name": "shop_db"], for: .container(id), from: .qemu)
        names.set(link, for: .container(id), from: .logs)
        var pod = link.filter { $0.key != "k8s.container.name" }
        pod["vm.name"] = "db"
        names.set(pod, for: .pod(uid), from: .logs)
        let facts = names.facts(of: CgroupIdentity(cgroupPath: "/kubepods/pod\(uid)/\(id)"))
        #expect(facts == link.merging(["vm.name": "db"]) { $1 })
    }

    @Test func aFloodHasALimit() {
        var names = NameTable()
        for number in 0..<60_000 { names.set(["a": "b"], for: .pod("\(number)"), from: .logs) }
        #expect(names.count == 50_000)
    }
}

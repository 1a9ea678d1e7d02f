import Glibc
import Linux
import TestSupport
import Testing
import Workloads

@testable import Names

/// States of runtimes as files, below a root directory of the test's own.
@Suite struct LocalSourceTests {
    private let directory: TemporaryDirectory
    private let id = String(repeating: "ab12", count: 16)
    private let uid = "9d5f6a3e-1111-4222-8333-0123456789ab"
    private var paths: HostPaths {
        HostPaths(
            procfs: directory.path + "/proc", cgroupfs: directory.path + "/cgroup", logs: directory.path + "/var/log",
            rootfs: directory.path)
    }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func facts(_ source: LocalSource, _ path: String) throws -> [String: String] {
        try source.facts(of: CgroupIdentity(cgroupPath: path), paths)
    }

    @Test func docker() throws {
        try directory.write(
            #"{"ID":"x","Name":"/web","Config":{"Image":"nginx:1","Labels":{"a":"b"}},"State":{"Pid":1}}"#,
            to: "var/lib/docker/containers/\(id)/config.v2.json")
        #expect(
            try facts(.docker, "/docker/\(id)") == ["container.name": "web", "container.image.name": "nginx:1"])
        #expect(try facts(.docker, "/docker/\(id.dropLast(2))00").isEmpty)
        #expect(try facts(.docker, "/system.slice/cron.service").isEmpty)
    }

    @Test func containerdAndCRIO() throws {
        try directory.write(
            #"""
            {"ociVersion":"1","process":{"args":["x"]},"annotations":{"io.kubernetes.cri.container-type":"container",
            "io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-name":"web-1",
            "io.kubernetes.cri.container-name":"app","io.kubernetes.cri.image-name":"img"}}
            """#, to: "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(id)/config.json")
        let expected = [
            "k8s.namespace.name": "shop", "k8s.pod.name": "web-1", "k8s.container.name": "app",
            "container.image.name": "img",
        ]
        #expect(try facts(.containerd, "/kubepods/pod\(uid)/\(id)") == expected)
        try directory.write(
            #"{"annotations":{"io.kubernetes.cri-o.ContainerType":"sandbox","io.kubernetes.pod.namespace":"shop"}}"#,
            to: "run/containers/storage/overlay-containers/\(id)/userdata/config.json")
        #expect(
            try facts(.crio, "/kubepods/pod\(uid)/crio-\(id)")
                == ["k8s.namespace.name": "shop", "k8s.container.name": "POD"])
    }

    /// Distributions and configuration put the same files elsewhere.
    @Test func statesInOtherPlaces() throws {
        let docker = #"{"Name":"/web","Config":{}}"#
        let places = [
            "var/lib/docker/165536.165536", "var/snap/docker/common/var-lib-docker", "srv/docker",
            "srv/docker/100000.100000",
        ]
        try directory.write(#"{"data-root":"/srv/docker"}"#, to: "etc/docker/daemon.json")
        for (number, place) in places.enumerated() {
            let id = String(repeating: "a\(number)", count: 32)
            try directory.write(docker, to: "\(place)/containers/\(id)/config.v2.json")
            #expect(try facts(.docker, "/docker/\(id)") == ["container.name": "web"], "\(place)")
        }
        let specification = #"{"annotations":{"io.kubernetes.container.name":"app"}}"#
        for (number, place) in [
            "run/k0s/containerd/io.containerd.runtime.v2.task/k8s.io",
            "var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io",
            "run/snap.docker/containerd/daemon/io.containerd.runtime.v2.task/moby",
            "run/containerd/io.containerd.runtime.v2.task/buildkit",
        ].enumerated() {
            let id = String(repeating: "b\(number)", count: 32)
            try directory.write(specification, to: "\(place)/\(id)/config.json")
            #expect(try facts(.containerd, "/kubepods/pod\(uid)/\(id)") == ["k8s.container.name": "app"], "\(place)")
        }
        for (number, driver) in ["vfs", "btrfs"].enumerated() {
            let id = String(repeating: "c\(number)", count: 32)
            try directory.write(
                specification, to: "run/containers/storage/\(driver)-containers/\(id)/userdata/config.json")
            #expect(try facts(.crio, "/kubepods/pod\(uid)/crio-\(id)") == ["k8s.container.name": "app"])
        }
        try directory.write("[crio]\nrunroot = \"/srv/run\"\n", to: "etc/crio/crio.conf.d/10-root.conf")
        try directory.write(specification, to: "srv/run/overlay-containers/\(id)/userdata/config.json")
        #expect(try facts(.crio, "/kubepods/pod\(uid)/crio-\(id)") == ["k8s.container.name": "app"])
    }

    @Test func guests() throws {
        try directory.write("", to: "cgroup/cgroup.controllers")
        try directory.write("7\n8\n", to: "cgroup/system.slice/vm.service/cgroup.procs")
        try directory.write("qemu-system-x86\n", to: "proc/7/comm")
        try directory.write("qemu\0-m\u{0}1G\0-name\0guest=web,,1,debug-threads=on\0", to: "proc/7/cmdline")
        try directory.write("sh\n", to: "proc/8/comm")
        #expect(try facts(.qemu, "/system.slice/vm.service") == ["vm.name": "web,1"])
        // Two guests in one cgroup: their energy cannot be separated.
        try directory.write("kvm\n", to: "proc/8/comm")
        try directory.write("kvm\0-name\0db\0", to: "proc/8/cmdline")
        #expect(try facts(.qemu, "/system.slice/vm.service").isEmpty)
        #expect(GuestNames.guest(in: Array("kvm\0-name\0db\0".utf8)) == "db")
        #expect(GuestNames.guest(in: Array("kvm\0-name".utf8)) == nil)
        #expect(GuestNames.guest(in: Array("kvm\0-name\0debug-threads=on".utf8)) == nil)
    }

    @Test func garbageIsAnErrorAndNoDanger() throws {
        var random = SeededGenerator(seed: 3)
        let file = "var/lib/docker/containers/\(id)/config.v2.json"
        let valid = Array(#"{"Name":"/web","Config":{"Image":"nginx:1","Labels":{"a":"b"}}}"#.utf8)
        for _ in 0..<300 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 1...255, using: &random)
            }
            try directory.write(String(decoding: bytes, as: UTF8.self), to: file)
            _ = try? facts(.docker, "/docker/\(id)")
            _ = UnitFiles.description(in: String(decoding: bytes, as: UTF8.self))
            _ = GuestNames.guest(in: bytes)
        }
        try directory.write("[1]", to: file)
        #expect(throws: HostError.self) { try facts(.docker, "/docker/\(id)") }
    }

    @Test func answersComeThroughTheFeed() throws {
        try directory.write(#"{"Name":"/web"}"#, to: "var/lib/docker/containers/\(id)/config.v2.json")
        let time = ManualSchedule()
        let local = LocalNames([.docker], paths: paths, schedule: time.schedule)
        let feed = NameFeed()
        local.connect(feed)
        let identity = CgroupIdentity(cgroupPath: "/docker/\(id)")
        feed.ask(for: identity)
        var names = NameTable()
        time.advance(by: 0)
        feed.drain(into: &names, at: 0)
        #expect(names.facts(of: identity) == ["container.name": "web"])
        #expect(feed.states == [.init(name: "docker", isUp: true, errors: 0, lastError: nil)])
    }

    /// No name is dropped without being counted.
    @Test func whatThereIsNoRoomForIsCounted() {
        let local = LocalNames([.docker], paths: paths, schedule: ManualSchedule().schedule)
        let feed = NameFeed()
        local.connect(feed)
        let identity = CgroupIdentity(cgroupPath: "/docker/\(id)")
        for _ in 0..<10_003 { feed.ask(for: identity) }
        feed.publish((0..<50_002).map { .init(.pod("\($0)"), source: .kubernetes, facts: ["k8s.pod.name": "p"]) })
        var names = NameTable()
        feed.drain(into: &names, at: 0)
        #expect(names.refused == 3 + 2)
        feed.drain(into: &names, at: 0)
        #expect(names.refused == 5)
        names.set(["k8s.pod.name": "p"], for: .pod("one more"), from: .logs)
        #expect(names.refused == 6)
    }

    /// Some engines write their files after they have made the cgroup.
    @Test func aFileThatIsWrittenLateIsFoundLater() throws {
        let time = ManualSchedule()
        let local = LocalNames([.docker], paths: paths, schedule: time.schedule)
        let feed = NameFeed()
        local.connect(feed)
        let identity = CgroupIdentity(cgroupPath: "/docker/\(id)")
        feed.ask(for: identity)
        var names = NameTable()
        time.advance(by: 0.5)
        try directory.write(#"{"Name":"/web"}"#, to: "var/lib/docker/containers/\(id)/config.v2.json")
        time.advance(by: 1)
        feed.drain(into: &names, at: 0)
        #expect(names.count == 0)
        time.advance(by: 1)
        feed.drain(into: &names, at: 0)
        #expect(names.facts(of: identity) == ["container.name": "web"])
        time.advance(by: 100)
        #expect(time.count == 0)
    }

    @Test func identificationTellsWhoDecided() throws {
        try directory.write("", to: "var/log/pods/shop_web_\(uid)/app/0.log")
        mkdir(directory.path + "/var/log/containers", 0o755)
        symlink("x", "\(directory.path)/var/log/containers/web_shop_app-\(id).log")
        let identity = CgroupIdentity(cgroupPath: "/kubepods/pod\(uid)/\(id)")
        let found = Identification(identity, paths: paths)
        #expect(found.names["k8s.container.name"]?.value == "app")
        #expect(found.names["k8s.pod.name"]?.source == .logs)
        #expect(found.problems.isEmpty)
    }
}

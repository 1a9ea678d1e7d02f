import Glibc
import Linux
import TestSupport
import Testing
import Workloads

@testable import Names

/// The lists of podman's storage as files, below a root directory of the test's own.
@Suite struct PodmanStorageTests {
    private let directory: TemporaryDirectory
    private let id = String(repeating: "ab12", count: 16)
    private var paths: HostPaths { HostPaths(rootfs: directory.path) }

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write(
            "root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\nyou:x:1001:1001::/home/you:/bin/sh\n",
            to: "etc/passwd")
    }

    private func list(_ name: String) -> String {
        #"[{"id":"x"},{"id":"\#(id)","names":["\#(name)"],"metadata":"{\"image-name\":\"pg:16\"}"}]"#
    }

    private func facts(_ path: String, source: LocalSource = .podman, of user: UInt32? = nil) throws -> [String: String]
    {
        let ground = user.map { UserGround(depth: 1, user: $0) }
        return try source.facts(of: CgroupIdentity(cgroupPath: path, ground: ground), paths)
    }

    private var ofRoot: String { "/machine.slice/libpod-\(id).scope" }
    private var ofUser: String { "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(id).scope" }

    @Test(arguments: ["overlay", "vfs", "btrfs", "zfs"], ["containers.json", "volatile-containers.json"])
    func everyListOfEveryDriver(_ driver: String, _ file: String) throws {
        try directory.write(
            #"[{"id":"y","names":["other"]}]"#, to: "var/lib/containers/storage/overlay-containers/\(file)")
        let path = "\(driver)-containers/\(file)"
        try directory.write(list("db"), to: "var/lib/containers/storage/\(path)")
        let expected = ["container.name": "db", "container.image.name": "pg:16"]
        #expect(try facts(ofRoot) == expected)
        #expect(try facts("/system.slice/db.service/libpod-payload-\(id)") == expected)
        try directory.write(list("mine"), to: "home/me/.local/share/containers/storage/\(path)")
        #expect(try facts(ofUser, of: 1000)["container.name"] == "mine")
    }

    /// `transient_store`: everything is where it is gone after a boot.
    @Test func theTransientStore() throws {
        try directory.write(list("db"), to: "run/containers/storage/overlay-containers/volatile-containers.json")
        #expect(try facts(ofRoot)["container.name"] == "db")
        try directory.write(list("mine"), to: "run/user/1000/containers/overlay-containers/volatile-containers.json")
        #expect(try facts(ofUser, of: 1000)["container.name"] == "mine")
    }

    /// A unit of the system with `User=` has the user's containers without a slice that says so.
    @Test func theOwnerOfTheCgroupCountsAndNotTheSlice() throws {
        try directory.write(
            list("mine"), to: "home/me/.local/share/containers/storage/overlay-containers/containers.json")
        let path = "/system.slice/web.service/libpod-payload-\(id)"
        #expect(try facts(path, of: 1000)["container.name"] == "mine")
        #expect(try facts(path, of: 1001).isEmpty)
        #expect(try facts(path, of: 1002).isEmpty, "not in /etc/passwd")
        // Started by root in a user's session: root's, whatever that user writes.
        #expect(try facts("/user.slice/user-1000.slice/session-1.scope/libpod-payload-\(id)").isEmpty)
    }

    /// Nobody is named by the state of others.
    @Test func theFilesOfRootNameNoContainerOfAUser() throws {
        try directory.write(list("db"), to: "var/lib/containers/storage/overlay-containers/containers.json")
        #expect(try facts(ofUser, of: 1000).isEmpty)
        try directory.write(#"{"Name":"/web"}"#, to: "var/lib/docker/containers/\(id)/config.v2.json")
        let path = "/user.slice/user-1000.slice/user@1000.service/docker-\(id).scope"
        #expect(try facts(path, source: .docker, of: 1000).isEmpty)
        try directory.write(
            #"{"Name":"/mine"}"#, to: "home/me/.local/share/docker/containers/\(id)/config.v2.json")
        #expect(try facts(path, source: .docker, of: 1000) == ["container.name": "mine"])
        try directory.write(
            #"{"annotations":{"nerdctl/name":"root"}}"#,
            to: "run/containerd/io.containerd.runtime.v2.task/default/\(id)/config.json")
        #expect(try facts(path, source: .containerd, of: 1000).isEmpty)
    }

    @Test func storageThatRootMoved() throws {
        try directory.write(
            """
            [storage]
            driver = "overlay" # graphroot = "/no"
            # graphroot = "/no"
              graphroot="/data/containers"
            runroot = '/run/moved'
            rootless_storage_path = "/data/$USER-$UID/storage"
            [storage.options]
            graphroot = "/no"
            """, to: "etc/containers/storage.conf")
        try directory.write(list("db"), to: "data/containers/overlay-containers/containers.json")
        #expect(try facts(ofRoot)["container.name"] == "db")
        try directory.write(list("mine"), to: "data/me-1000/storage/overlay-containers/containers.json")
        #expect(try facts(ofUser, of: 1000)["container.name"] == "mine")
        let settings = PodmanStorage.settings(in: try readText(directory.path + "/etc/containers/storage.conf"))
        #expect(settings["graphroot"] == "/data/containers" && settings["runroot"] == "/run/moved")
    }

    /// One odd entry, or one odd file, hides no other.
    @Test func whatIsOddSpoilsOnlyItself() throws {
        let file = "var/lib/containers/storage/overlay-containers"
        try directory.write("{", to: "\(file)/volatile-containers.json")
        #expect(throws: HostError.self) { try facts(ofRoot) }
        try directory.write(
            #"[7,{"names":["no id"]},{"id":"\#(id)","names":[],"metadata":"{\"name\":\"db\"}"}]"#,
            to: "\(file)/containers.json")
        #expect(try facts(ofRoot) == ["container.name": "db"])
        try directory.write("{", to: "home/me/.local/share/containers/storage/overlay-containers/containers.json")
        #expect(try facts(ofUser, of: 1000).isEmpty, "what a user writes is no failure of the source")
    }

    /// A user controls the files in their home: these must neither block the names of others nor lead to other files.
    @Test func whatUsersPutInThePlaceOfPodmansListIsNoDanger() throws {
        let list = ".local/share/containers/storage/overlay-containers/containers.json"
        let file = "\(directory.path)/home/me/\(list)"
        try directory.write("", to: "home/me/\(list)")
        unlink(file)
        #expect(mkfifo(file, 0o644) == 0)
        let time = ManualSchedule()
        let local = LocalNames([.podman, .docker], paths: paths, schedule: time.schedule)
        let feed = NameFeed()
        local.connect(feed)
        feed.ask(for: CgroupIdentity(cgroupPath: ofUser, ground: UserGround(depth: 1, user: 1000)))
        // The next in the queue gets its answer.
        try directory.write(#"{"Name":"/web"}"#, to: "var/lib/docker/containers/\(id)/config.v2.json")
        let other = CgroupIdentity(cgroupPath: "/docker/\(id)")
        feed.ask(for: other)
        var names = NameTable()
        time.advance(by: 0)
        feed.drain(into: &names, at: 0)
        #expect(names.facts(of: other) == ["container.name": "web"])
        let isUp = feed.states.allSatisfy(\.isUp)
        #expect(isUp, "what a user breaks is no failure of the source")
        unlink(file)
        try directory.write(self.list("theirs"), to: "home/other/containers.json")
        symlink("\(directory.path)/home/other/containers.json", file)
        #expect(try facts(ofUser, of: 1000).isEmpty)
        unlink(file)
        try directory.write(self.list("mine"), to: "home/me/\(list)")
        #expect(try facts(ofUser, of: 1000)["container.name"] == "mine")
    }
}

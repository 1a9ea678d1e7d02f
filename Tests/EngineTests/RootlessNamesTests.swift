import Engine
import Glibc
import Linux
import Names
import Snapshot
import TestSupport
import Testing
import Workloads

/// Names of users' containers, from the files of a machine to the snapshot.
@Suite struct RootlessNamesTests {
    private func id(_ owner: UInt32) -> String { String(repeating: "abcd", count: 15) + "\(1000 + owner)" }

    /// Two users and root have a container each, and lists with a name of their own for all three: each container gets the
    /// name in its owner's.
    @Test(.enabled(if: getuid() == 0, "needs root to make directories of others")) func eachUserNamesTheirOwn() throws {
        let host = try FakeHost()
        let rootfs = try TemporaryDirectory()
        try rootfs.write(
            "me:x:1000:1000::/home/me:/bin/sh\nyou:x:1001:1001::/home/you:/bin/sh\n", to: "etc/passwd")
        let list = "containers/storage/overlay-containers/volatile-containers.json"
        for (name, path) in [
            ("mine", "home/me/.local/share/\(list)"), ("yours", "home/you/.local/share/\(list)"),
            ("roots", "var/lib/\(list)"),
        ] {
            let entries = [0, 1000, 1001].map { (owner: UInt32) in #"{"id":"\#(id(owner))","names":["\#(name)"]}"# }
            try rootfs.write("[\(entries.joined(separator: ","))]", to: path)
        }
        var paths = [UInt32: String]()
        for user: UInt32 in [1000, 1001] {
            let service = "/user.slice/user-\(user).slice/user@\(user).service"
            let above = ["/user.slice", "/user.slice/user-\(user).slice", service, "\(service)/user.slice"]
            for path in above where host.usage[path] == nil { try host.makeCgroup(path) }
            let path = "\(service)/user.slice/libpod-\(id(user)).scope"
            try host.makeCgroup(path)
            for made in [service, "\(service)/user.slice", path] { chown(host.paths.cgroupfs + made, user, user) }
            paths[user] = path
        }
        for path in ["/machine.slice", "/machine.slice/libpod-\(id(0)).scope"] { try host.makeCgroup(path) }
        let feed = NameFeed()
        var places = host.paths
        places.rootfs = rootfs.path
        LocalNames([.podman], paths: places) { _, work in work() }.connect(feed)
        let engine = try host.makeEngine { $0.names = feed }
        _ = try host.tick(engine)
        let snapshot = try host.tick(engine)
        func name(_ path: String?) -> String? { snapshot.workloads.first { $0.cgroupPath == path }?.name }
        #expect(name(paths[1000]) == "mine" && name(paths[1001]) == "yours")
        #expect(name("/machine.slice/libpod-\(id(0)).scope") == "roots")
    }
}

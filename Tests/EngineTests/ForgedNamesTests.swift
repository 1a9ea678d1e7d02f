import Engine
import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

/// Forged container names, on the files of a machine.
@Suite struct ForgedNamesTests {
    private let id = String(repeating: "ab12", count: 16)

    /// The owner of the parent directory made the directory.
    @Test(.enabled(if: getuid() == 0, "needs root to make directories of others")) func ownersAreReadFromTheFileSystem()
        throws
    {
        let host = try FakeHost()
        let docker = "/zz.slice/docker-\(id).scope"
        for path in ["/aa.slice", "/aa.slice/docker-\(id).scope", "/zz.slice", docker] { try host.makeCgroup(path) }
        chown(host.paths.cgroupfs + "/aa.slice", 1000, 1000)
        // A container with a user namespace of its own may well own its cgroup.
        chown(host.paths.cgroupfs + docker, 100_000, 100_000)
        let engine = try host.makeEngine()
        try host.run(docker, microseconds: 2_000_000)
        try host.run("/aa.slice/docker-\(id).scope", microseconds: 1_000_000)
        let snapshot = try host.tick(engine)
        let containers = snapshot.workloads.filter { $0.kind == "container" }
        #expect(containers.map(\.cgroupPath) == [docker] && containers.map(\.cpuSeconds) == [2])
        #expect(snapshot.workloads.first { $0.cgroupPath == "/aa.slice" }?.cpuSeconds == 1)
    }
}

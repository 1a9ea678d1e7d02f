import Glibc
import Linux
import TestSupport
import Testing
import Workloads

@testable import Names

/// Whose jobs are, by the processes in their cgroups.
@Suite struct JobUsersTests {
    private let directory: TemporaryDirectory
    private let job = "/system.slice/slurmstepd.scope/job_101"
    private var paths: HostPaths {
        HostPaths(procfs: directory.path + "/proc", cgroupfs: directory.path + "/cgroup", rootfs: directory.path)
    }

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("", to: "cgroup/cgroup.controllers")
        try directory.write("me:x:1000:1000::/home/me:/bin/sh\n", to: "etc/passwd")
    }

    private func facts(_ path: String) throws -> [String: String] {
        try LocalSource.jobs.facts(of: CgroupIdentity(cgroupPath: path), paths)
    }

    private func put(_ pid: Int, of user: UInt32, into cgroup: String) throws {
        try directory.write("x", to: "proc/\(pid)/comm")
        chown("\(directory.path)/proc/\(pid)", user, user)
        try directory.write("\(pid)\n", to: "cgroup\(cgroup)/cgroup.procs")
    }

    @Test(.enabled(if: getuid() == 0, "needs root to make processes of others")) func theOwnerOfTheProcesses() throws {
        #expect(try facts("\(job)/step_0/user/task_0").isEmpty)
        try put(7, of: 0, into: "\(job)/step_0/slurm")
        #expect(try facts("\(job)/step_0/user/task_0").isEmpty, "the step's daemon is root's")
        try put(8, of: 1000, into: "\(job)/step_0/user/task_0")
        let expected = ["user.id": "1000", "user.name": "me"]
        #expect(try facts("\(job)/step_0/user/task_0") == expected)
        try put(9, of: 1001, into: "\(job)/step_1/user/task_0")
        #expect(try facts(job).isEmpty, "of two users")
        try put(10, of: 1001, into: "/pbspro.slice/pbspro-5.server.slice")
        #expect(try facts("/pbspro.slice/pbspro-5.server.slice") == ["user.id": "1001"], "not in /etc/passwd")
    }

    @Test func whatThePathTellsIsNotLookedUp() throws {
        #expect(try facts("/slurm/uid_1000/job_303/step_0/task_0") == ["user.id": "1000", "user.name": "me"])
        #expect(try facts("/oar/me_12").isEmpty)
        #expect(try facts("/system.slice/cron.service").isEmpty)
    }
}

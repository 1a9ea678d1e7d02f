import Testing
import Workloads

/// A job is a workload, named by its id; its steps and tasks are part of it.
@Suite struct BatchTests {
    private static let slot = "_var_lib_condor_execute_slot1_3@node7"
    private static let condor = "condor_var_lib_condor_execute_slot1_3@node7.example.org"

    @Test(arguments: [
        ("/slurm/uid_1000/job_303", "/step_0/task_0", "slurm", "303"),
        ("/slurm/uid_1000/job_303", "/step_batch", "slurm", "303"),
        ("/slurm_node7/uid_1000/job_304", "/step_extern/task_special", "slurm", "304"),
        ("/system.slice/slurmstepd.scope/job_101", "/step_0/user/task_0", "slurm", "101"),
        ("/system.slice/slurmstepd.scope/job_101", "/step_interactive/slurm", "slurm", "101"),
        ("/system.slice/node7_slurmstepd.scope/job_102", "/step_batch/user/task_0", "slurm", "102"),
        ("/pbs_jobs.service/jobid/123.server", "", "pbs", "123.server"),
        ("/pbs_jobs.service/jobs/123[4].server", "/a", "pbs", "123[4].server"),
        ("/pbspro.service/jobid/123.server", "", "pbs", "123.server"),
        ("/pbspro.slice/pbspro-123.server.slice", "", "pbs", "123.server"),
        (#"/pbspro.slice/pbspro-123.my\x2dserver.slice"#, "", "pbs", "123.my-server"),
        ("/pbspro/123.server", "", "pbs", "123.server"),
        ("/htcondor/\(condor)", "/x", "htcondor", "slot1_3@node7.example.org"),
        ("/system.slice/htcondor/\(condor)", "", "htcondor", "slot1_3@node7.example.org"),
        ("/system.slice/condor.service/htcondor/\(condor)", "/y", "htcondor", "slot1_3@node7.example.org"),
        ("/system.slice/condor.service/\(condor)", "", "htcondor", "slot1_3@node7.example.org"),
        ("/htcondor/condor_scratch_slot12@node7", "", "htcondor", "slot12@node7"),
        ("/system.slice/slurmstepd.scope/sEKNKTV3WPV500", "/step_0/user/task_0", "slurm", "sEKNKTV3WPV500"),
        ("/system.slice/n7_slurmstepd.scope/s5K1KKYAYG5D00", "/step_batch/slurm", "slurm", "s5K1KKYAYG5D00"),
        ("/pbs_prod.service/jobid/88.pbs", "", "pbs", "88.pbs"),
        ("/system.slice/htcondor/\(slot).slice", "/\(slot).scope", "htcondor", "slot1_3@node7"),
        ("/system.slice/condor.service/htcondor/\(slot).slice", "/sshd.slice/sshd.scope", "htcondor", "slot1_3@node7"),
        ("/htcondor/\(slot).slice", "/\(slot).scope/x", "htcondor", "slot1_3@node7"),
        ("/system.slice/htcondor/_pool_execute_slot2@n.slice", "", "htcondor", "slot2@n"),
        ("/htcondor/condor_var_lib_condor_execute_4711", "", "htcondor", "4711"),
        ("/system.slice/htcondor/_var_lib_condor_execute_4711.slice", "/x.scope", "htcondor", "4711"),
        ("/hiprio_cgroup/condor\(slot)", "/sshd", "htcondor", "slot1_3@node7"),
        ("/hiprio_cgroup/condor_var_lib_condor_execute_4711", "", "htcondor", "4711"),
        ("/oar/alice_4711", "", "oar", "4711"),
        ("/oar.slice/al_ice_4711.scope", "/z", "oar", "4711"),
        ("/oar.slice/oar-u1000.slice/oar-u1000-j45670.slice", "/oar-u1000-j45670-s1.scope", "oar", "45670"),
        ("/lsf/cluster1/job.6.21512.1408647643", "", "lsf", "6"),
        ("/lsf/cluster1/job.6[3].21512.1408647643", "", "lsf", "6[3]"),
        ("/torque/9.head", "/R0.t0", "torque", "9.head"),
        ("/UGE/77.1", "/sub", "gridengine", "77.1"),
    ])
    func jobs(path: String, below: String, system: String, id: String) {
        let job = CgroupIdentity(cgroupPath: path + below)
        #expect(job.kind == .job)
        #expect(job.path == path && job.key == "job:\(path)")
        #expect(job.jobID == id && job.name == id)
        #expect(job.runtime == system)
        #expect(job.containerID == nil && job.podUID == nil)
        #expect(CgroupIdentity(cgroupPath: job.path) == job)
    }

    @Test func usersAreThoseThatThePathNames() {
        #expect(CgroupIdentity(cgroupPath: "/slurm/uid_1000/job_303/step_0").userID == 1000)
        #expect(CgroupIdentity(cgroupPath: "/oar/alice_4711").userName == "alice")
        #expect(CgroupIdentity(cgroupPath: "/oar.slice/al_ice_4711.scope").userName == "al_ice")
        #expect(CgroupIdentity(cgroupPath: "/oar.slice/oar-u1000.slice/oar-u1000-j4.slice").userID == 1000)
        #expect(CgroupIdentity(cgroupPath: "/system.slice/slurmstepd.scope/job_101").userID == nil)
    }

    @Test(arguments: [
        ("/slurm", CgroupIdentity.Kind.cgroup), ("/slurm/uid_1000", .cgroup), ("/slurm/uid_1000/job_", .cgroup),
        ("/slurm/uid_x/job_1", .cgroup), ("/slurmy/uid_1/job_1", .cgroup), ("/uid_1000/job_303", .cgroup),
        ("/system.slice/slurmstepd.scope", .unit), ("/system.slice/slurmstepd.scope/system", .unit),
        ("/system.slice/myslurmstepd.scope/job_1", .unit), ("/system.slice/slurmd.service", .unit),
        ("/system.slice/slurmstepd.scope/sEKNKTV3WPV50", .unit),
        ("/system.slice/slurmstepd.scope/sEKNKTV3WPVI00", .unit),
        ("/system.slice/sshd.service/sEKNKTV3WPV500", .unit), ("/a.service/jobid/x", .unit),
        ("/a.service/jobs/88", .unit), ("/x/condor_a_12", .cgroup), ("/x/condor_slot1", .cgroup), ("/x/_a_12", .cgroup),
        ("/pbs_jobs.service", .unit), ("/pbs_jobs.service/jobid", .unit), ("/jobid/123.server", .cgroup),
        ("/pbspro.slice", .slice), ("/pbspro.slice/pbspro-x.slice", .slice), ("/htcondor", .cgroup),
        ("/htcondor/other", .cgroup), ("/htcondor/condor_noslot", .cgroup), ("/oar", .cgroup), ("/oar/alice", .cgroup),
        ("/oar/alice_x", .cgroup), ("/oar.slice/oar-u1000.slice", .slice), ("/oar.slice/system.scope", .unit),
        ("/lsf/cluster1", .cgroup), ("/lsf/cluster1/job.x", .cgroup), ("/torque/x", .cgroup), ("/UGE/77", .cgroup),
    ])
    func whatOnlyLooksLikeIt(path: String, kind: CgroupIdentity.Kind) {
        #expect(CgroupIdentity(cgroupPath: path).kind == kind, "\(path)")
    }

    @Test func aContainerInAJobIsAContainer() {
        let path = "/system.slice/slurmstepd.scope/job_101/step_0/user/task_0/libpod-\(Sample.id)"
        #expect(CgroupIdentity(cgroupPath: path).containerID == Sample.id)
    }

    @Test func aBatchSystemInAContainerIsPartOfThat() {
        let path = "/system.slice/docker-\(Sample.id).scope/system.slice/slurmstepd.scope/job_101"
        let identity = CgroupIdentity(cgroupPath: path)
        #expect(identity.kind == .container && identity.jobID == nil && identity.runtime == "docker")
    }
}

/// A job of a batch system, as its cgroup's path describes it.
struct BatchJob {
    var system: String
    /// As the system writes it.
    var id: String
    var userID: UInt32?
    var userName: String?
}

/// Layouts of batch systems. A job's steps and tasks lie below it and are part of it.
extension ComponentReading {
    static func readBatch(_ component: Component, in context: Context) -> (reading: ComponentReading, rule: String)? {
        if let job = slurmJob(component, in: context) {
            return (.job(job), "slurm[_HOST]/uid_UID/job_ID, [HOST_]slurmstepd.scope/{job_ID,SLUID}")
        }
        if let id = pbsJob(component, in: context) {
            return (.job(BatchJob(system: "pbs", id: id)), "NAME.service/jobid/ID, pbspro.slice/pbspro-ID.slice")
        }
        if let slot = condorSlot(component, parent: context.parent) {
            return (.job(BatchJob(system: "htcondor", id: slot)), "[condor]_DIRECTORY_{SLOT,PID}[.slice]")
        }
        if let job = oarJob(component, parent: context.parent) {
            return (.job(job), "oar/USER_ID, oar.slice/USER_ID.scope, oar-uUID-jID.slice")
        }
        if let id = lsfJob(component, in: context) {
            return (.job(BatchJob(system: "lsf", id: id)), "lsf/CLUSTER/job.ID.PROCESS.TIME")
        }
        if let id = torqueJob(component, parent: context.parent) {
            return (.job(BatchJob(system: "torque", id: id)), "torque/ID")
        }
        if let id = gridEngineJob(component, parent: context.parent) {
            return (.job(BatchJob(system: "gridengine", id: id)), "UGE/ID.TASK")
        }
        return nil
    }

    /// Of cgroup version 1 `slurm/uid_UID/job_ID`, with several daemons on one host `slurm_HOST/...`; of version 2
    /// `slurmstepd.scope/job_ID` and `HOST_slurmstepd.scope/job_ID`, since 26.05 with the job's SLUID in place of `job_ID`.
    ///
    /// Source: https://slurm.schedmd.com/cgroup_v2.html; slurm/src/plugins/cgroup.
    private static func slurmJob(_ component: Component, in context: Context) -> BatchJob? {
        guard let parent = context.parent else { return nil }
        let id = component.dropping(prefix: "job_").flatMap { $0.isEmpty ? nil : $0 }
        if let host = parent.dropping(suffix: "slurmstepd.scope"), host.isEmpty || host.last == UInt8(ascii: "_") {
            return (id ?? (component.isSluid ? component : nil)).map {
                BatchJob(system: "slurm", id: String(Substring($0)))
            }
        }
        guard let id else { return nil }
        guard let user = parent.dropping(prefix: "uid_"), let number = user.decimal.flatMap(UInt32.init),
            let top = context.grandparent?.dropping(prefix: "slurm"), top.isEmpty || top.first == UInt8(ascii: "_")
        else { return nil }
        return BatchJob(system: "slurm", id: String(Substring(id)), userID: number)
    }

    /// Of cgroup version 1 `pbs_jobs.service/jobid/ID`, of version 2 `pbs_jobs.service/jobs/ID`, of older hooks
    /// `pbspro.service/jobid/ID`, `pbspro/ID` and `pbspro.slice/pbspro-ID.slice`. `pbs_jobs` can be configured; the id
    /// begins with a number.
    ///
    /// Source: openpbs/src/hooks/cgroups/pbs_cgroups.PY.
    private static func pbsJob(_ component: Component, in context: Context) -> String? {
        guard let parent = context.parent else { return nil }
        if parent.equals("jobid") || parent.equals("jobs") {
            let services: [StaticString] = ["pbs_jobs.service", "pbspro.service", "pbspro", "pbs"]
            let isOther =
                parent.equals("jobid") && component.startsWithDigit
                && context.grandparent?.dropping(suffix: ".service")?.isEmpty == false
            guard isOther || services.contains(where: { context.grandparent?.equals($0) ?? false }) else { return nil }
            return String(Substring(component))
        }
        if parent.equals("pbspro.slice") {
            guard let id = component.dropping(prefix: "pbspro-")?.dropping(suffix: ".slice"), id.startsWithDigit else {
                return nil
            }
            return id.unescaped
        }
        return parent.equals("pbspro") && component.startsWithDigit ? String(Substring(component)) : nil
    }

    /// `htcondor/condor_var_lib_condor_execute_slot1_3@host`, wherever the daemon's own cgroup is and in whatever
    /// `BASE_CGROUP` says: the slot of the job, whose id the path does not contain. Since version 25 without `condor` and with
    /// `.slice`. Jobs of the local universe have no slot, but the number of a process.
    ///
    /// Source: HTCondor's manual, "Cgroup Based Process Tracking"; condor_starter.V6.1/os_proc.cpp.
    private static func condorSlot(_ component: Component, parent: Component?) -> String? {
        let isBelow = parent?.equals("htcondor") ?? false || parent?.equals("condor.service") ?? false
        let body = component.dropping(suffix: ".slice") ?? component
        guard let rest = body.dropping(prefix: "condor_") ?? body.dropping(prefix: "_") else { return nil }
        let parts = rest.split(separator: UInt8(ascii: "_"))
        if let first = parts.last(where: { $0.dropping(prefix: "slot")?.startsWithDigit ?? false }) {
            let slot = rest[first.startIndex...]
            return isBelow || slot.contains(UInt8(ascii: "@")) ? String(Substring(slot)) : nil
        }
        guard parts.count > 1, isBelow || parts.contains(where: { $0.equals("execute") }) else { return nil }
        return parts.last?.decimal
    }

    /// `oar/USER_ID` of OAR 2; `oar.slice/USER_ID.scope`, and `oar.slice/oar-uUID.slice/oar-uUID-jID.slice`, of OAR 3.
    ///
    /// Source: oar/sources/core/tools/job_resource_manager_*.pl.
    private static func oarJob(_ component: Component, parent: Component?) -> BatchJob? {
        guard let parent else { return nil }
        if let body = component.dropping(prefix: "oar-u")?.dropping(suffix: ".slice"),
            parent.dropping(prefix: "oar") != nil,
            let dash = body.firstIndex(of: UInt8(ascii: "-")), let user = body[..<dash].decimal.flatMap(UInt32.init),
            let id = body[dash...].dropping(prefix: "-j")?.decimal
        {
            return BatchJob(system: "oar", id: id, userID: user)
        }
        let body =
            parent.equals("oar.slice") ? component.dropping(suffix: ".scope") : parent.equals("oar") ? component : nil
        guard let body, let line = body.lastIndex(of: UInt8(ascii: "_")), line > body.startIndex,
            let id = body[body.index(after: line)...].decimal
        else { return nil }
        return BatchJob(system: "oar", id: id, userName: body[..<line].unescaped)
    }

    /// `lsf/CLUSTER/job.ID.PROCESS.TIME`; the id of an element of an array is `ID[INDEX]`.
    ///
    /// Source: IBM Spectrum LSF's reference, "LSF_PROCESS_TRACKING".
    private static func lsfJob(_ component: Component, in context: Context) -> String? {
        guard context.grandparent?.equals("lsf") ?? false, let rest = component.dropping(prefix: "job.") else {
            return nil
        }
        let id = rest.prefix { $0 != UInt8(ascii: ".") }
        return id.startsWithDigit ? String(Substring(id)) : nil
    }

    /// `torque/123.server`.
    ///
    /// Source: torque/src/resmom/trq_cgroups.c.
    private static func torqueJob(_ component: Component, parent: Component?) -> String? {
        parent?.equals("torque") ?? false && component.startsWithDigit ? String(Substring(component)) : nil
    }

    /// `UGE/123.1`: job and task.
    ///
    /// Source: Univa Grid Engine's administrator's guide, "cgroup_params".
    private static func gridEngineJob(_ component: Component, parent: Component?) -> String? {
        guard parent?.equals("UGE") ?? false else { return nil }
        let parts = component.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { $0.decimal != nil } ? String(Substring(component)) : nil
    }
}

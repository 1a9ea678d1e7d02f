/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Cgroups and processes come, move and go. */
#ifndef ENERGYD_LIFECYCLE_H
#define ENERGYD_LIFECYCLE_H

/* One of the hierarchies that are accounted: the unified one, and on a hybrid machine that of cpuacct. */
static __always_inline bool is_accounted(struct cgroup *cgroup)
{
	__u32 id = cgroup->root->hierarchy_id;

	return id == 0 || id == config.v1_hierarchy;
}

static __always_inline void emit_lifecycle(struct cgroup *cgroup, __u32 type, const char *path)
{
	__u32 zero = 0;
	struct energyd_lifecycle_record *record = bpf_map_lookup_elem(&scratch, &zero);
	long length = 0;

	if (!record || !is_accounted(cgroup))
		return;
	record->type = type;
	record->key = (struct energyd_cgroup_key){.hierarchy = cgroup->root->hierarchy_id, .cgroup = cgroup->kn->id};
	if (path)
		length = bpf_probe_read_kernel_str(record->path, sizeof(record->path), path);
	if (length < 0 || length > ENERGYD_PATH_LENGTH)
		length = 0;
	record->path_length = length;
	if (bpf_ringbuf_output(&lifecycle, record, __builtin_offsetof(struct energyd_lifecycle_record, path) + length,
			       BPF_RB_NO_WAKEUP)) {
		struct energyd_cpu *cpu = this_cpu();
		if (cpu)
			cpu->lifecycle_lost++;
	}
}

/* These tracepoints fire under one spinlock with interrupts off, so the per-CPU scratch record is safe. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_CREATED, path);
	return 0;
}

/* Only version 1 lets a cgroup be renamed. */
SEC("tp_btf/cgroup_rename")
int BPF_PROG(on_cgroup_rename, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_RENAMED, path);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_REMOVED, 0);
	return 0;
}

/* After this no task can be charged to the cgroup any more: its last reference is gone. */
SEC("tp_btf/cgroup_release")
int BPF_PROG(on_cgroup_release, struct cgroup *cgroup, const char *path)
{
	emit_lifecycle(cgroup, ENERGYD_RECORD_CGROUP_RELEASED, 0);
	return 0;
}

static __always_inline struct energyd_process *known_process(const struct energyd_cgroup_key *cgroup, __u32 tgid)
{
	struct energyd_process_key key = {.cgroup = cgroup->cgroup, .tgid = tgid, .hierarchy = cgroup->hierarchy};

	return bpf_map_lookup_elem(&processes, &key);
}

/* The process will not run in this cgroup any more: the next drain reports it a last time. */
static __always_inline void end_process(const struct energyd_cgroup_key *cgroup, __u32 tgid)
{
	struct energyd_process *process = known_process(cgroup, tgid);

	if (process)
		process->state = ENERGYD_PROCESS_EXITED;
}

/*
 * A task went to another cgroup: what it ran before is the old one's. Told after the fact, which is why the old one is
 * kept per CPU. One that was moved by another is split by a mark, where it runs at this moment.
 */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *cgroup, const char *path, struct task_struct *task, bool whole_process)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct task_struct *current = task;
	struct energyd_cgroup_key old = {};
	struct energyd_cpu *cpu = this_cpu();

	if (!cpu || !is_accounted(cgroup))
		return 0;
	/* A process is moved as a whole, in the name of its first thread. */
	if (whole_process && (__u32)id != (__u32)task->pid && id >> 32 == (__u32)task->tgid &&
	    HAS(get_current_task_btf)) {
		current = bpf_get_current_task_btf();
	} else if ((__u32)id != (__u32)task->pid) {
		__u32 zero = 0;

		if (!HAS(map_lookup_percpu_elem) || !bpf_core_field_exists(task->se.cfs_rq))
			return 0;
		cpu = bpf_map_lookup_percpu_elem(&cpus, &zero, task->se.cfs_rq->rq->cpu);
		if (!cpu || cpu->pid != (__u32)task->pid)
			return 0;
		/* Moved again in the same turn: what ran before the first move is still the first one's. */
		if (cpu->moved_pid == (__u32)task->pid && cpu->moved_ns >= cpu->base_ns)
			return 0;
		cpu->moved_ns = task->se.sum_exec_runtime;
		cpu->moved_pid = task->pid;
		return 0;
	}
	if (cpu->pid == (__u32)current->pid)
		old = cpu->key;
	settle(current);
	if (whole_process && !is_same(&old, &cpu->key))
		end_process(&old, current->tgid);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	struct energyd_cgroup_key cgroup = cgroup_of(task);
	struct energyd_process *process = known_process(&cgroup, task->tgid);

	if (process)
		__builtin_memcpy(process->comm, task->comm, sizeof(process->comm));
	return 0;
}

/*
 * A turn whose beginning was not seen is charged here, while the scheduler's mark of it is good: on its way out the
 * task is moved to another group of the scheduler, which makes the mark anew.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct energyd_cpu *cpu = this_cpu();

	if (cpu && cpu->pid != (__u32)task->pid)
		settle(task);
	if (config.track_processes && !task->signal->live.counter) {
		struct energyd_cgroup_key cgroup = cgroup_of(task);

		end_process(&cgroup, task->tgid);
	}
	return 0;
}

#endif

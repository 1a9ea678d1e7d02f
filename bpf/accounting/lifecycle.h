/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Reports cgroups that are created and removed to the ring `lifecycle`. */
#ifndef ENERGYD_LIFECYCLE_H
#define ENERGYD_LIFECYCLE_H

/* Whether it is in a hierarchy that is accounted: the unified one or, on a hybrid machine, that of cpuacct. */
static __always_inline bool is_accounted(struct cgroup *cgroup)
{
	__u32 id = cgroup->root->hierarchy_id;

	return id == 0 || id == config.v1_hierarchy;
}

/* The tracepoints of cgroups fire under one spinlock with interrupts off, so the per-CPU scratch record is safe. */
static __always_inline void emit_lifecycle(struct cgroup *cgroup, __u32 type, const char *path)
{
	__u32 zero = 0;
	struct energyd_lifecycle_record *record = bpf_map_lookup_elem(&scratch, &zero);
	long length = 0;

	if (!record || !is_accounted(cgroup))
		return;
	record->type = type;
	record->key = (struct energyd_key){.hierarchy = cgroup->root->hierarchy_id, .cgroup = cgroup->kn->id};
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

/* The process will not run in this cgroup again: the next drains write it one last time. */
static __always_inline void end_process(const struct energyd_key *cgroup, __u32 tgid)
{
	struct energyd_process *process = known_process(cgroup, tgid);

	if (process && process->state == ENERGYD_PROCESS_RUNNING)
		process->state = ENERGYD_PROCESS_EXITED;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Reports cgroups that are created and removed to the ring `lifecycle`.
 *
 * The kernel has tracepoints for that, but while anybody uses them it builds the whole path of the cgroup under one
 * spinlock with interrupts off, in a time that grows with the square of the depth, and any user may make a cgroup
 * thousands of levels deep. So where programs can be attached to kernel functions, those are used. Either way a record
 * has the name and the parent, and the agent puts the path together.
 */
#ifndef ENERGYD_LIFECYCLE_H
#define ENERGYD_LIFECYCLE_H

/* Whether it is in a hierarchy that is accounted: the unified one or, on a hybrid machine, that of cpuacct. */
static __always_inline bool is_accounted(struct cgroup *cgroup)
{
	__u32 id = BPF_CORE_READ(cgroup, root, hierarchy_id);

	return id == 0 || id == config.v1_hierarchy;
}

/* The cgroup that a directory of kernfs stands for; NULL for a directory of another file system. */
static __always_inline struct cgroup *cgroup_of_node(struct kernfs_node *kn)
{
	struct cgroup *cgroup = BPF_CORE_READ(kn, priv);

	return cgroup && BPF_CORE_READ(cgroup, kn) == kn ? cgroup : 0;
}

static __always_inline struct energyd_lifecycle_record lifecycle_record(struct cgroup *cgroup, __u32 type)
{
	return (struct energyd_lifecycle_record){
		.type = type,
		.level = BPF_CORE_READ(cgroup, level),
		.key = {.hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id),
			.cgroup = BPF_CORE_READ(cgroup, kn, id)},
	};
}

static __always_inline void emit_record(void *record, __u64 size)
{
	struct energyd_cpu *cpu;

	if (!bpf_ringbuf_output(&lifecycle, record, size, BPF_RB_NO_WAKEUP))
		return;
	cpu = this_cpu();
	if (cpu)
		cpu->lifecycle_lost++;
}

/* A cgroup was created. The scratch record is safe: the kernel creates one cgroup at a time, under `cgroup_mutex`. */
static __always_inline void emit_created(struct cgroup *cgroup)
{
	struct cgroup *parent = BPF_CORE_READ(cgroup, self.parent, cgroup);
	__u32 zero = 0;
	struct energyd_creation_record *record = bpf_map_lookup_elem(&scratch, &zero);
	__u64 size = sizeof(record->head);
	long length;

	if (!record || !parent || !is_accounted(cgroup))
		return;
	record->head = lifecycle_record(cgroup, ENERGYD_RECORD_CGROUP_CREATED);
	record->head.parent = BPF_CORE_READ(parent, kn, id);
	length = bpf_probe_read_kernel_str(record->name, sizeof(record->name), BPF_CORE_READ(cgroup, kn, name));
	if (length > 0)
		size += length;
	/* One comparison of the very register that is passed on: verifiers up to 6.1 know no other bound. */
	asm volatile("" : "+r"(size));
	if (size <= sizeof(*record))
		emit_record(record, size);
}

/* A cgroup was renamed, removed or released. */
static __always_inline void emit_lifecycle(struct cgroup *cgroup, __u32 type)
{
	struct energyd_lifecycle_record record;

	if (!is_accounted(cgroup))
		return;
	record = lifecycle_record(cgroup, type);
	emit_record(&record, sizeof(record));
}

#endif

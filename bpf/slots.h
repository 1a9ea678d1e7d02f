/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Whom to charge, and where that is kept: a slot per cgroup, an entry per process. */
#ifndef ENERGYD_SLOTS_H
#define ENERGYD_SLOTS_H

#define NO_SLOT (~0u)

/*
 * Whom to charge; cgroup 0 for the kernel's own threads, which belong to nobody.
 *
 * On a hybrid machine the containers lie in the version 1 hierarchy and the units in the unified one: who is below the
 * root of the first belongs there.
 */
static __always_inline struct energyd_cgroup_key cgroup_of(struct task_struct *task)
{
	struct css_set *set = task->cgroups;
	struct cgroup *cgroup = set->dfl_cgrp;
	struct energyd_cgroup_key key = {};

	if (config.v1_hierarchy) {
		struct cgroup *v1 = set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, cpuacct_cgrp_id)]->cgroup;
		if (v1->level > 0) {
			cgroup = v1;
			key.hierarchy = config.v1_hierarchy;
		}
	}
	if (!(task->flags & PF_KTHREAD) || cgroup->level > 0)
		key.cgroup = cgroup->kn->id;
	return key;
}

static __always_inline bool is_same(const struct energyd_cgroup_key *a, const struct energyd_cgroup_key *b)
{
	return a->cgroup == b->cgroup && a->hierarchy == b->hierarchy;
}

/* The slot of a cgroup, a free one where it has none yet; NO_SLOT where there is no room. */
static __noinline __u32 slot_of(const struct energyd_cgroup_key *key)
{
	__u32 *known, slot = 0;

	if (!key)
		return NO_SLOT;
	known = bpf_map_lookup_elem(&slots, key);
	if (known)
		return *known;
	if (bpf_map_pop_elem(&free_slots, &slot))
		return NO_SLOT;
	if (!bpf_map_update_elem(&slots, key, &slot, BPF_NOEXIST))
		return slot;
	/* Another CPU was quicker. */
	bpf_map_push_elem(&free_slots, &slot, 0);
	known = bpf_map_lookup_elem(&slots, key);
	return known ? *known : NO_SLOT;
}

/* Makes this CPU's part of a slot the cgroup's, once. */
static __always_inline void own(struct energyd_usage *usage, __u32 slot, const struct energyd_cgroup_key *key)
{
	__u8 *used = bpf_map_lookup_elem(&used_on, &slot);
	__u32 cpu = bpf_get_smp_processor_id();

	if (used && cpu < config.cpu_count)
		used[cpu] = 1;
	*usage = (struct energyd_usage){.owner = *key};
	if (config.track_waits) {
		struct energyd_waits *wait = bpf_map_lookup_elem(&waits, &slot);
		if (wait)
			__builtin_memset(wait, 0, sizeof(*wait));
	}
	if (config.counters) {
		struct energyd_counted *count = bpf_map_lookup_elem(&counted, &slot);
		if (count)
			__builtin_memset(count, 0, sizeof(*count));
	}
}

/* What this CPU did for a cgroup; `slot` receives where. NULL where there is no room. */
static __always_inline struct energyd_usage *usage_of(struct energyd_cpu *cpu, const struct energyd_cgroup_key *key,
						      __u32 *slot)
{
	__u32 *guess = &cpu->cache[key->cgroup & (ENERGYD_CACHE - 1)];
	struct energyd_usage *usage;

	*slot = *guess;
	usage = bpf_map_lookup_elem(&usages, slot);
	if (usage && is_same(&usage->owner, key))
		return usage;
	*slot = slot_of(key);
	usage = bpf_map_lookup_elem(&usages, slot);
	if (!usage)
		return 0;
	*guess = *slot;
	if (!is_same(&usage->owner, key))
		own(usage, *slot, key);
	return usage;
}

static __always_inline struct energyd_process *process_of(struct task_struct *task,
							  const struct energyd_cgroup_key *cgroup)
{
	struct energyd_process_key key = {
		.cgroup = cgroup->cgroup, .tgid = task->tgid, .hierarchy = cgroup->hierarchy};
	struct energyd_process *process = bpf_map_lookup_elem(&processes, &key);

	/* What a process runs after its exit was announced must not bring its entry back: nobody would end that. */
	if (process || (task->flags & PF_EXITING))
		return process;
	struct energyd_process fresh = {};
	__builtin_memcpy(fresh.comm, task->group_leader->comm, sizeof(fresh.comm));
	bpf_map_update_elem(&processes, &key, &fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(&processes, &key);
}

#endif
